FROM python:3.13-slim
COPY . /src
RUN pip install --no-cache-dir --root-user-action ignore "/src[graph,parquet,warc,xlsx]" && rm -rf /src
# Documents are read as somebody who can change nothing else.
USER nobody
WORKDIR /work
ENTRYPOINT ["docrules"]
