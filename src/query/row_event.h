// Rows of the lake as events again, so that rules mean on them what they meant on the records.
//
//   const RowShape shape(type, fields, false);         // which columns to read; shared by threads
//   ... SELECT {shape.selected()} FROM lake ...
//   RowEvents events(shape, plan);                     // one per thread
//   event::Event* event = events.read(columns, row);   // null when the row cannot be read
//
// A JSON log type's record is put together from the columns and walked like any other record, so
// lists, sub-trees and names mean the same in both places. What the lake does not keep cannot come
// back (docs/hunting.md lists it): a null of a column counts as missing, times and IPv6 addresses
// have one spelling, and a list where the log type has a text counts as its JSON text.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "event/event.h"
#include "event/json_document.h"
#include "logtype/log_type.h"
#include "sql/rows.h"

namespace yagura::match {
struct Rule;
struct Term;
}  // namespace yagura::match

namespace yagura::query {

// The field whose JSON column holds this one with its kind and all its values, or the field itself.
size_t json_field_of(const logtype::LogType& type, size_t slot);

class RowShape {
  public:
    // Reads what `fields` (any of their names, or paths) need; with `whole_record` everything.
    RowShape(const logtype::LogType& type,
             std::span<const std::string> fields,
             bool whole_record = false);

    const logtype::LogType& type() const { return *type_; }
    // Expressions of a SELECT list, in the order RowEvents::read() wants them, and their types.
    const std::vector<std::string>& selected() const { return selected_; }
    const std::vector<sql::Type>& types() const { return types_; }
    // Where in them a row says where it came from.
    size_t object_column() const { return object_id_; }
    size_t ordinal_column() const { return ordinal_; }

  private:
    friend class RowEvents;
    enum class Form : uint8_t { text, json, number, boolean, time, epoch };
    struct Source {  // of a field
        size_t slot;
        size_t column;  // index into selected_
        Form form;
        bool is_event_time = false;
    };
    void add(size_t slot);
    size_t select(std::string_view column, bool as_text, sql::Type type);

    const logtype::LogType* type_;
    std::vector<std::string> selected_;
    std::vector<sql::Type> types_;
    std::vector<Source> sources_;
    std::vector<std::string> roots_;  // first steps of the paths wanted; empty: all
    size_t event_time_ = 0;
    size_t object_id_ = 0;
    size_t ordinal_ = 0;
    size_t oddities_ = 0;
    size_t extra_ = 0;
};

// The fields a rule or term looks at; sets `whole_record` when it looks at all of the record.
void collect_fields(const match::Term& term, std::vector<std::string>& fields, bool& whole_record);
void collect_fields(const match::Rule& rule, std::vector<std::string>& fields, bool& whole_record);

class RowEvents {
  public:
    // Both must outlive this; `plan` must be frozen.
    RowEvents(const RowShape& shape, const event::FieldPlan& plan);
    ~RowEvents();
    RowEvents(RowEvents&&) noexcept;

    // `columns` are those of RowShape::selected(). Valid until the next call and as long as the
    // columns are.
    event::Event* read(std::span<const sql::ColumnView> columns, size_t row);

    // Where the row last read came from.
    int64_t object() const { return object_; }

  private:
    struct Tree;
    struct RecordWriter;
    bool read_json(std::span<const sql::ColumnView> columns, size_t row);
    void read_text(std::span<const sql::ColumnView> columns, size_t row);
    template <class Visit>
    void each_extra(std::string_view json, Visit&& visit);
    bool is_wanted(std::string_view name) const;

    const RowShape& shape_;
    event::Event event_;
    const event::FieldPlan* plan_;
    std::unique_ptr<Tree> tree_;
    event::JsonDocument document_;
    event::JsonDocument extra_document_;
    std::string record_;
    std::string padded_;
    std::string key_;
    int64_t object_ = 0;
};

}  // namespace yagura::query
