# frozen_string_literal: true

# Says in which line of the source each block and each cell of a table begins, by a class of its element: the attribute
# `docrules-mark` and the number of the line. Run by asciidoctor (`-r`), see asciidoctor.py.
#
# Releases before 2.0.21 drop the cells of a last row that is not full without a word; it is said here.
module RowsLeftOver
  def initialize(reader, table, *others)
    super
    table.instance_variable_set :@docrules_context, self
  end
end
Asciidoctor::Table::ParserContext.prepend RowsLeftOver

Asciidoctor::Extensions.register do
  preprocessor do
    process do |document, reader|
      document.sourcemap = true
      reader
    end
  end

  tree_processor do
    process do |document|
      mark = document.attr 'docrules-mark'
      document.find_by(traverse_documents: true).each do |block|
        next unless (line = block.lineno)

        block.add_role "#{mark}#{line}" if block.context != :document
        next unless block.context == :table

        context = block.instance_variable_get :@docrules_context
        unless (context&.instance_variable_get(:@current_row) || []).empty?
          Asciidoctor::LoggerManager.logger.error "<stdin>: line #{line}: dropping cells from the incomplete last row of a table"
        end
        block.rows.by_section.each do |_, rows|
          rows.each do |row|
            # Of values that signs part, only the last cell of a row knows where the row stands.
            parted = row[-1].lineno if %w(csv tsv dsv).include? block.attr 'format'
            row.each do |cell|
              line = parted || cell.lineno
              cell.set_attr 'valign', "#{cell.attr 'valign'} #{mark}#{line}" if line
            end
          end
        end
      end
      nil
    end
  end
end
