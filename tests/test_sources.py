"""Paths to documents: what is found, what is left out, in which order, and under which names."""

from __future__ import annotations

import io
import os
import re
import sys
import threading
from pathlib import Path

import pytest

from extract.errors import UnreadableInputError, UsageError
from extract.read.formats import searched
from extract.read.sources import Source, find


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    """Return a folder with documents and what is none."""
    for name in ("b.md", "a/x.html", "a/deep/er/y.MD", "a.htm", "a-b.xhtml", "A.markdown", "c.mdx", "notes.txt", "a/b.md.bak", "README"):
        write(tmp_path / "docs" / name)
    return tmp_path / "docs"


def write(file: Path, data: bytes = b"# x\n") -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(data)
    return file


def paths(sources: tuple[Source, ...]) -> list[str]:
    return [source.path for source in sources]


# --- folders ------------------------------------------------------------------------------------------------------------


def test_a_folder_gives_its_documents_sorted_by_path(docs: Path) -> None:
    assert paths(find([docs])) == ["A.markdown", "a-b.xhtml", "a.htm", "a/deep/er/y.MD", "a/x.html", "b.md", "c.mdx"]


def test_each_source_knows_its_file(docs: Path) -> None:
    for source in find([docs]):
        assert source.file == str(docs / source.path)
        assert source.load() == b"# x\n"


@pytest.mark.parametrize("hidden", [".x.md", ".git/x.md", "a/.cache/x.md", "a/.x.html", ".a/b/x.md", ".md"])
def test_hidden_files_and_folders_are_left_out(docs: Path, hidden: str) -> None:
    before = paths(find([docs]))
    write(docs / hidden)
    assert paths(find([docs])) == before


def test_what_is_given_by_name_may_be_hidden(tmp_path: Path) -> None:
    file = write(tmp_path / ".docs" / ".x.md")
    write(tmp_path / ".docs" / "y.md")
    assert paths(find([file])) == [".x.md"]
    assert paths(find([tmp_path / ".docs"])) == ["y.md"]


def test_a_folder_with_the_name_of_a_document_is_a_folder(docs: Path) -> None:
    write(docs / "guide.md" / "x.md")
    assert "guide.md/x.md" in paths(find([docs]))
    assert paths(find([docs / "guide.md"])) == ["x.md"]


@pytest.mark.parametrize("names", [[], ["x.txt"], [".x.md"], ["x.md.orig", "md"]])
def test_a_folder_without_documents_is_an_error_that_says_what_is_looked_for(tmp_path: Path, names: list[str]) -> None:
    (tmp_path / "docs").mkdir()
    for name in names:
        write(tmp_path / "docs" / name)
    with pytest.raises(UsageError, match=re.escape(f"holds no documents ({' '.join(searched())})")):
        find([tmp_path / "docs"])


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every folder")
def test_a_folder_that_cannot_be_listed_is_not_passed_over(docs: Path) -> None:
    closed = docs / "a"
    closed.chmod(0)
    try:
        with pytest.raises((UsageError, UnreadableInputError)):
            find([docs])
    finally:
        closed.chmod(0o755)


# --- files --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["notes.txt", "README", "a/b.md.bak", "b.md"])
def test_a_file_is_taken_whatever_its_suffix(docs: Path, name: str) -> None:
    (source,) = find([docs / name])
    assert source == Source.of(Path(name).name, str(docs / name))


@pytest.mark.parametrize("given", [str, Path, os.fspath])
def test_a_path_may_be_text(docs: Path, given: type[str] | type[Path]) -> None:
    assert paths(find([given(docs / "b.md")])) == ["b.md"]


def test_a_relative_path(docs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(docs)
    assert paths(find(["a"])) == ["deep/er/y.MD", "x.html"]
    assert paths(find(["a/x.html"])) == ["x.html"]
    assert paths(find(["."])) == paths(find([docs]))
    assert paths(find(["a"], Path())) == ["a/deep/er/y.MD", "a/x.html"]


@pytest.mark.parametrize("name", ["gone.md", "gone/x.md", "b.md/x.md", "x" * 5000, "nul\0byte.md"])
def test_a_path_that_does_not_exist_is_an_error_that_names_it(docs: Path, name: str) -> None:
    with pytest.raises(UsageError) as error:
        find([docs / name])
    assert "does not exist" in str(error.value)
    assert name in str(error.value)


def test_no_paths_give_no_documents() -> None:
    assert find([]) == ()


# --- links --------------------------------------------------------------------------------------------------------------


def test_a_link_to_a_file_in_the_folder_is_followed(docs: Path) -> None:
    (docs / "link.md").symlink_to("b.md")
    (docs / "a" / "link.md").symlink_to(docs / "b.md")
    assert {"link.md", "a/link.md"} < set(paths(find([docs])))


@pytest.mark.parametrize("target", ["../secret.md", "../other/secret.md"])
def test_a_link_out_of_the_folder_is_left_out(docs: Path, target: str) -> None:
    before = paths(find([docs]))
    secret = write(docs / target)
    (docs / "relative.md").symlink_to(target)
    (docs / "absolute.md").symlink_to(secret.resolve())
    (docs / "chain.md").symlink_to("relative.md")
    assert paths(find([docs])) == before


def test_a_folder_whose_name_begins_alike_is_out_of_the_folder(docs: Path) -> None:
    before = paths(find([docs]))
    write(docs.parent / "docs-private" / "secret.md")
    (docs / "link.md").symlink_to("../docs-private/secret.md")
    assert paths(find([docs])) == before


def test_links_to_folders_are_not_followed(docs: Path) -> None:
    before = paths(find([docs]))
    write(docs.parent / "other" / "secret.md")
    (docs / "out").symlink_to(docs.parent / "other")
    (docs / "self").symlink_to(".")
    assert paths(find([docs])) == before


def test_a_folder_may_be_given_by_a_link(docs: Path) -> None:
    link = docs.parent / "link"
    link.symlink_to(docs)
    assert paths(find([link])) == paths(find([docs]))


def test_a_file_may_be_given_by_a_link(docs: Path) -> None:
    link = docs.parent / "link.md"
    link.symlink_to(docs / "b.md")
    (source,) = find([link])
    assert (source.path, source.load()) == ("link.md", b"# x\n")


def test_a_link_that_leads_nowhere_can_be_told_from_no_link(docs: Path) -> None:
    (docs / "dangling.md").symlink_to("gone.md")
    (source,) = [source for source in find([docs]) if source.path == "dangling.md"]
    with pytest.raises(UnreadableInputError):
        source.load()


def test_a_link_in_a_circle_does_not_stop_the_run(docs: Path) -> None:
    before = paths(find([docs]))
    (docs / "loop.md").symlink_to("loop.md")
    sources = find([docs])
    assert [path for path in paths(sources) if path != "loop.md"] == before
    for source in sources:
        if source.path == "loop.md":
            with pytest.raises(UnreadableInputError):
                source.load()


# --- loading ------------------------------------------------------------------------------------------------------------


def test_a_file_that_is_gone_when_it_is_read(docs: Path) -> None:
    (source,) = find([docs / "b.md"])
    (docs / "b.md").unlink()
    with pytest.raises(UnreadableInputError, match="No such file or directory"):
        source.load()


def test_the_error_does_not_repeat_the_path(docs: Path) -> None:
    # It becomes a finding in the data, and no path of a machine belongs there.
    (source,) = find([docs / "b.md"])
    (docs / "b.md").unlink()
    with pytest.raises(UnreadableInputError) as error:
        source.load()
    assert str(docs) not in str(error.value)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every file")
def test_a_file_that_must_not_be_read(docs: Path) -> None:
    (docs / "b.md").chmod(0)
    (source,) = find([docs / "b.md"])
    with pytest.raises(UnreadableInputError, match="Permission denied"):
        source.load()


def test_a_pipe_in_a_folder_is_no_document(docs: Path) -> None:
    pipe = docs / "pipe.md"
    os.mkfifo(pipe)
    # Whoever opens it to read waits for a writer: without this one, a reader that opens it would hang instead of failing.
    writer = threading.Thread(target=lambda: pipe.write_bytes(b"| never | ending |\n"), daemon=True)
    writer.start()
    try:
        for source in find([docs]):
            if source.path == "pipe.md":
                with pytest.raises(UnreadableInputError):
                    source.load()
    finally:
        reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
        writer.join(timeout=10)
        os.close(reader)


# --- standard input -----------------------------------------------------------------------------------------------------


def test_standard_input(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"\xff\r\n\0")))
    (source,) = find(["-"])
    assert source == Source("stdin", None)
    assert source.load() == b"\xff\r\n\0"


def test_standard_input_among_files(docs: Path) -> None:
    assert paths(find([docs / "b.md", "-", docs / "c.mdx"])) == ["b.md", "c.mdx", "stdin"]


def test_standard_input_is_read_once() -> None:
    assert paths(find(["-", "-"])) == ["stdin"]


def test_a_file_that_is_called_like_standard_input_can_be_given(docs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(docs)
    file = write(docs / "-")
    assert find(["./-"]) == (Source.of("-", "-"),)
    assert find([file]) == (Source.of("-", str(file)),)


@pytest.mark.parametrize("name", ["stdin", "stdin.md"])
def test_a_file_with_the_name_of_standard_input_clashes_with_it(docs: Path, name: str) -> None:
    file = write(docs / name)
    for given in (["-", str(file)], [str(file), "-"]):
        with pytest.raises(UsageError) as error:
            find(given)
        assert str(file) in str(error.value)
        assert "None" not in str(error.value)


# --- root ---------------------------------------------------------------------------------------------------------------


def test_paths_are_relative_to_the_root(docs: Path) -> None:
    assert paths(find([docs / "a", docs / "b.md"], docs)) == ["a/deep/er/y.MD", "a/x.html", "b.md"]
    assert paths(find([docs / "a"], docs.parent)) == ["docs/a/deep/er/y.MD", "docs/a/x.html"]


@pytest.mark.parametrize("root", ["docs/./a/..", "docs/", "docs/a/deep/../.."])
def test_a_root_may_be_written_in_any_way(docs: Path, root: str) -> None:
    assert paths(find([docs / "a" / "x.html"], docs.parent / root)) == ["a/x.html"]


@pytest.mark.parametrize("given", ["docs/b.md", "docs", "docs/a/../b.md"])
def test_a_file_outside_of_the_root_is_an_error(docs: Path, given: str) -> None:
    with pytest.raises(UsageError, match="is not under the root"):
        find([docs.parent / given], docs / "a")


# --- duplicates and clashes ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("other", ["b.md", "./b.md", "a/../b.md", "../docs/b.md"])
def test_a_file_that_is_given_twice_is_read_once(docs: Path, other: str) -> None:
    assert paths(find([docs / "b.md", os.fspath(docs) + "/" + other])) == ["b.md"]


def test_a_folder_that_is_given_twice_is_read_once(docs: Path) -> None:
    assert paths(find([docs, docs, docs.parent / "docs"])) == paths(find([docs]))


def test_the_order_of_the_paths_does_not_matter(docs: Path) -> None:
    folder, inner, file = str(docs), str(docs / "a"), str(docs / "a" / "x.html")
    for given in ([folder, file], [folder, inner], [file, str(docs / "b.md")], ["-", folder]):
        assert find(given) == find(given[::-1])


@pytest.mark.parametrize(("one", "other"), [("p.md", "p.html"), ("a/p.md", "a/p.markdown"), ("p.htm", "p.html"), ("p", "p.md")])
def test_two_documents_with_one_identity_are_an_error_that_names_both(tmp_path: Path, one: str, other: str) -> None:
    files = [write(tmp_path / one), write(tmp_path / other)]
    with pytest.raises(UsageError) as error:
        find(files, tmp_path)
    assert all(str(file) in str(error.value) for file in files)


def test_files_of_one_name_in_two_folders_need_a_root(tmp_path: Path) -> None:
    files = [write(tmp_path / "5.4" / "p.md"), write(tmp_path / "5.5" / "p.md")]
    with pytest.raises(UsageError, match="--root"):
        find(files)
    assert paths(find(files, tmp_path)) == ["5.4/p.md", "5.5/p.md"]


@pytest.mark.parametrize(
    "names", [["p.md", "P.md"], ["p.v1.md", "p.v2.md"], ["p/q.md", "p.md"], ["p-q.md", "p_q.md"], ["p.html.md", "p.html"]]
)
def test_documents_with_names_alike_are_different_documents(tmp_path: Path, names: list[str]) -> None:
    for name in names:
        write(tmp_path / name)
    if len(list(tmp_path.iterdir())) < len(names):
        pytest.skip("this file system takes the names for one")
    assert sorted(paths(find([tmp_path]))) == sorted(names)


def test_a_release_at_the_end_of_a_name_is_no_suffix(tmp_path: Path) -> None:
    files = [write(tmp_path / "ports-5.4"), write(tmp_path / "ports-5.5")]
    assert paths(find(files)) == ["ports-5.4", "ports-5.5"]


# --- odd names ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "with space.md",
        "quote'\".md",
        "new\nline.md",
        "tab\t.md",
        "back\\slash.md",
        "Ü ñ 東京.md",
        "e\u0301.md",
        "%41.md",
        "-x.md",
        "~.md",
        "$HOME.md",
        "*.md",
    ],
)
def test_odd_names_are_kept(tmp_path: Path, name: str) -> None:
    write(tmp_path / name)
    (source,) = find([tmp_path])
    assert (source.path, source.file) == (name, str(tmp_path / name))


@pytest.mark.skipif(sys.platform == "darwin", reason="file names are UTF-8 there")
def test_a_name_that_is_no_utf_8_can_be_written_as_utf_8(tmp_path: Path) -> None:
    write(tmp_path / os.fsdecode(b"Gr\xfc\xdfe.md"))
    (source,) = find([tmp_path])
    assert source.path.encode().decode() == "Gr\ufffd\ufffde.md"
    assert source.load() == b"# x\n"
