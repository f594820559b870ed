// JSON as our outputs write it: safe to print on a terminal and to put inside a <script> element.
#pragma once

#include <string>
#include <string_view>

namespace yagura {

// Appends `text` as a JSON string. Beside what JSON asks for, everything a terminal or a browser
// could take for more than text is written as \uNNNN: controls (C0, C1), bidi marks, zero-width and
// line separators, and < > &. A JSON parser gives back the very same text; invalid UTF-8 becomes
// U+FFFD.
void append_json(std::string& out, std::string_view text);

// Writes the members of one object in the order of the calls.
//
//   JsonObject row(line);                     // appends to `line`
//   row.text("rule_id", id);                  // null when empty
//   row.number("ordinal", 3);
//   row.close();
class JsonObject {
  public:
    explicit JsonObject(std::string& out) : out_(out) { out_ += '{'; }
    void text(std::string_view key, std::string_view value);  // null when empty
    void number(std::string_view key, uint64_t value);
    void integer(std::string_view key, int64_t value);
    void real(std::string_view key, double value);  // null when not finite
    void boolean(std::string_view key, bool value) { raw(key, value ? "true" : "false"); }
    void raw(std::string_view key, std::string_view json);
    void close() { out_ += '}'; }

    // For nested values: writes the key; the caller appends the value to the same string.
    void key(std::string_view key);

  private:
    std::string& out_;
    bool first_ = true;
};

// Writes the elements of one list in the order of the calls.
//
//   JsonList items(out);
//   for (const Row& row : rows) write_row(items.next(), row);   // appends one value
//   items.close();
class JsonList {
  public:
    explicit JsonList(std::string& out) : out_(out) { out_ += '['; }
    // Where the next element is to be appended.
    std::string& next() {
        if (!first_) out_ += ',';
        first_ = false;
        return out_;
    }
    void close() { out_ += ']'; }

  private:
    std::string& out_;
    bool first_ = true;
};

// ["a","b"]
template <class Texts>
void append_json_list(std::string& out, const Texts& texts) {
    JsonList list(out);
    for (const auto& text : texts) append_json(list.next(), text);
    list.close();
}

}  // namespace yagura
