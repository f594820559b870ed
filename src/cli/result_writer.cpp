#include "cli/result_writer.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/text.h"
#include "report/outputs.h"

namespace yagura::cli {
namespace {

using query::ResultColumn;
using query::ValueType;
using Cells = std::span<const sql::Value>;

std::string number_text(double number) {
    if (number == std::floor(number) && std::fabs(number) < 1e15)
        return fmt::format("{:.0f}", number);
    return fmt::format("{}", number);
}

// As people write it; "" when missing.
std::string plain(const sql::Value& value) {
    struct Visitor {
        std::string operator()(std::monostate) const { return ""; }
        std::string operator()(bool truth) const { return truth ? "true" : "false"; }
        std::string operator()(int64_t number) const { return std::to_string(number); }
        std::string operator()(double number) const { return number_text(number); }
        std::string operator()(const std::string& text) const { return text; }
        std::string operator()(Timestamp time) const { return format_iso8601(time); }
    };
    return std::visit(Visitor{}, value);
}

bool is_number(const sql::Value& value) {
    return std::holds_alternative<int64_t>(value) || std::holds_alternative<double>(value);
}

class TableWriter final : public ResultWriter {
  public:
    TableWriter(const report::Terminal& terminal, report::Output& out)
        : terminal_(terminal), out_(out) {}

    void columns(const std::vector<ResultColumn>& columns) override {
        for (const ResultColumn& column : columns) {
            headers_.push_back(printable(column.name));
            widths_.push_back(display_width(headers_.back()));
            const bool right = column.type == ValueType::integer || column.type == ValueType::real;
            right_.push_back(right);
        }
    }

    void row(Cells cells) override {
        std::vector<std::string> texts;
        for (const sql::Value& cell : cells)
            texts.push_back(sql::is_null(cell) ? "-" : printable(plain(cell)));
        if (settled_) return print(texts);
        for (size_t i = 0; i < texts.size(); ++i)
            widths_[i] = std::max(widths_[i], display_width(texts[i]));
        waiting_.push_back(std::move(texts));
        if (waiting_.size() == kLookAhead) settle();
    }

    void end() override {
        if (!settled_) settle();
    }

  private:
    static constexpr size_t kLookAhead = 1000;
    static constexpr size_t kNarrowest = 12;

    void settle() {
        settled_ = true;
        fit();
        std::string line;
        for (size_t i = 0; i < headers_.size(); ++i)
            line += padded(headers_[i], i, i + 1 == headers_.size());
        out_.write(terminal_.bold(line) + "\n");
        for (const auto& row : waiting_) print(row);
        waiting_.clear();
    }

    // The widest columns give way until the table fits the screen.
    void fit() {
        if (terminal_.width == 0) return;
        const auto total = [this] {
            size_t sum = widths_.empty() ? 0 : 2 * (widths_.size() - 1);
            for (const size_t width : widths_) sum += width;
            return sum;
        };
        while (total() > terminal_.width) {
            const auto widest = std::max_element(widths_.begin(), widths_.end());
            if (*widest <= kNarrowest) return;
            *widest = std::max(
                kNarrowest,
                *widest - std::min(*widest, std::max<size_t>(1, total() - terminal_.width)));
        }
    }

    std::string padded(const std::string& text, size_t column, bool is_last) const {
        const std::string cut = terminal_.width > 0 ? shorten(text, widths_[column]) : text;
        if (right_[column]) return report::pad_left(cut, widths_[column]) + (is_last ? "" : "  ");
        return is_last ? cut : report::pad_right(cut, widths_[column]) + "  ";
    }

    void print(const std::vector<std::string>& texts) {
        std::string line;
        for (size_t i = 0; i < texts.size(); ++i)
            line += padded(texts[i], i, i + 1 == texts.size());
        out_.write(line + "\n");
    }

    report::Terminal terminal_;
    report::Output& out_;
    std::vector<std::string> headers_;
    std::vector<size_t> widths_;
    std::vector<bool> right_;
    std::vector<std::vector<std::string>> waiting_;
    bool settled_ = false;
};

class CsvWriter final : public ResultWriter {
  public:
    explicit CsvWriter(report::Output& out) : out_(out) {}

    void columns(const std::vector<ResultColumn>& columns) override {
        std::string line;
        for (size_t i = 0; i < columns.size(); ++i)
            line += (i > 0 ? "," : "") + header(columns[i].name);
        out_.write(line + "\n");
    }

    // Numbers are numbers, also negative ones; only text can be mistaken for a formula.
    void row(Cells cells) override {
        std::string line;
        for (size_t i = 0; i < cells.size(); ++i) {
            if (i > 0) line += ',';
            line += is_number(cells[i]) ? plain(cells[i]) : report::csv_cell(plain(cells[i]));
        }
        out_.write(line + "\n");
    }

  private:
    // The names of our own fields begin with @; as headers they are no danger and should stay what
    // they are.
    static std::string header(const std::string& name) {
        const bool is_system_field =
            name.starts_with('@') && name.find_first_of("()\"',=+-|! ") == std::string::npos;
        return is_system_field ? printable(name) : report::csv_cell(name);
    }

    report::Output& out_;
};

class JsonLinesWriter final : public ResultWriter {
  public:
    explicit JsonLinesWriter(report::Output& out) : out_(out) {}

    void columns(const std::vector<ResultColumn>& columns) override { columns_ = columns; }

    void row(Cells cells) override {
        std::string line = "{";
        for (size_t i = 0; i < cells.size(); ++i) {
            if (i > 0) line += ',';
            line += json_quote(columns_[i].name) + ":" + value(cells[i], columns_[i].type);
        }
        out_.write(line + "}\n");
    }

  private:
    static std::string value(const sql::Value& cell, ValueType type) {
        if (sql::is_null(cell)) return "null";
        if (const auto* number = std::get_if<double>(&cell); number && !std::isfinite(*number))
            return "null";
        if (is_number(cell) || std::holds_alternative<bool>(cell)) return plain(cell);
        const std::string text = plain(cell);
        // Maps and lists go in as they are: the engine or the log's own decoder has checked them.
        const bool nested =
            type == ValueType::json && (text.starts_with('{') || text.starts_with('['));
        return nested && text.find('\n') == std::string::npos ? text : json_quote(text);
    }

    report::Output& out_;
    std::vector<ResultColumn> columns_;
};

}  // namespace

std::unique_ptr<ResultWriter> make_result_writer(std::string_view format,
                                                 const report::Terminal& terminal,
                                                 report::Output& out) {
    if (format == "csv") return std::make_unique<CsvWriter>(out);
    if (format == "jsonl") return std::make_unique<JsonLinesWriter>(out);
    return std::make_unique<TableWriter>(terminal, out);
}

}  // namespace yagura::cli
