// The record of a row is written by walking a tree of the paths its columns stand for. `extra`
// hangs further branches on it for one row: its names are dotted paths, and where it says something
// about a column's field, it says more than the column could.
#include "query/row_event.h"

#include <algorithm>
#include <cstring>

#include <fmt/format.h>

#include "base/text.h"
#include "match/ir.h"
#include "match/term.h"
#include "sql/value.h"
#include "store/schema.h"

namespace yagura::query {

using event::Kind;
using event::ValueView;

namespace {

bool is_derived(const event::Field& field) {
    return field.name.starts_with('@');
}

// "a.b" is below "a".
bool is_below(std::string_view path, std::string_view above) {
    return path.size() > above.size() && path.starts_with(above) && path[above.size()] == '.';
}

std::string_view first_step(std::string_view path) {
    return path.substr(0, path.find('.'));
}

}  // namespace

size_t json_field_of(const logtype::LogType& type, size_t slot) {
    for (size_t other = 0; other < type.fields.size(); ++other) {
        if (type.fields[other].type == event::Type::json &&
            is_below(type.fields[slot].name, type.fields[other].name))
            return other;
    }
    return slot;
}

RowShape::RowShape(const logtype::LogType& type,
                   std::span<const std::string> fields,
                   bool whole_record)
    : type_(&type) {
    event_time_ = select("event_time", false, sql::Type::time);
    object_id_ = select("object_id", false, sql::Type::integer);
    ordinal_ = select("ordinal", false, sql::Type::integer);
    oddities_ = select("oddities", false, sql::Type::integer);
    extra_ = select("extra", false, sql::Type::text);
    const event::Dictionary& dictionary = type.dictionary();
    std::vector<bool> wanted(type.fields.size(), whole_record);
    for (const std::string& name : fields) {
        const auto known = dictionary.find(name);
        const std::string_view path = known ? dictionary[*known].name : std::string_view(name);
        if (known) wanted[*known] = true;
        roots_.emplace_back(first_step(path));
        for (size_t slot = 0; slot < type.fields.size() && !known; ++slot) {
            const std::string_view field = type.fields[slot].name;
            if (is_below(path, field) || is_below(field, path)) wanted[slot] = true;
        }
    }
    if (whole_record) roots_.clear();
    // What lies below a JSON column is read from there, with its kind and all its values.
    std::vector<bool> read(wanted.size());
    for (size_t slot = 0; slot < wanted.size(); ++slot) {
        if (wanted[slot]) read[json_field_of(type, slot)] = true;
    }
    for (size_t slot = 0; slot < read.size(); ++slot) {
        if (read[slot]) add(slot);
    }
}

size_t RowShape::select(std::string_view column, bool as_text, sql::Type type) {
    const std::string name = sql::quote_name(column);
    selected_.push_back(as_text ? "CAST(" + name + " AS VARCHAR)" : name);
    types_.push_back(type);
    return selected_.size() - 1;
}

void RowShape::add(size_t slot) {
    const store::Schema& schema = store::schema_of(*type_);
    const bool is_text_log = type_->shape == logtype::Shape::text;
    const int column = schema.column_of(slot);
    if (column < 0) {
        if (type_->fields[slot].column == "event_time") {
            sources_.push_back({slot, event_time_, is_text_log ? Form::epoch : Form::time, true});
        }
        return;  // else it is in `extra`
    }
    const store::ColumnSpec& spec = schema.columns()[static_cast<size_t>(column)];
    Source source{slot, 0, Form::text, false};
    switch (spec.storage) {
        case store::Storage::text:
            source.form = spec.type == event::Type::json ? Form::json : Form::text;
            source.column = select(spec.name, false, sql::Type::text);
            break;
        case store::Storage::uuid:
            source.column = select(spec.name, true, sql::Type::text);
            break;
        case store::Storage::integer:
        case store::Storage::real: {
            const bool whole = spec.storage == store::Storage::integer;
            source.form = Form::number;
            source.column = select(spec.name, false, whole ? sql::Type::integer : sql::Type::real);
            break;
        }
        case store::Storage::boolean:
            source.form = Form::boolean;
            source.column = select(spec.name, false, sql::Type::boolean);
            break;
        case store::Storage::time:
            source.form = is_text_log ? Form::epoch : Form::time;
            source.column = select(spec.name, false, sql::Type::time);
            break;
    }
    sources_.push_back(source);
}

void collect_fields(const match::Term& term, std::vector<std::string>& fields, bool& whole_record) {
    if (term.kind == match::Term::Kind::record) whole_record = true;
    match::for_each_field(term, [&](const std::string& name) { fields.push_back(name); });
    for (const match::Term& inner : term.terms) collect_fields(inner, fields, whole_record);
}

void collect_fields(const match::Rule& rule, std::vector<std::string>& fields, bool& whole_record) {
    for (const match::Predicate& predicate : rule.predicates) {
        for (const match::Term& term : predicate.terms) collect_fields(term, fields, whole_record);
        if (predicate.field.empty()) {
            if (predicate.terms.empty()) whole_record = true;
        } else {
            fields.push_back(predicate.field);
        }
        for (const match::Operand& operand : predicate.operands) {
            if (operand.kind == match::Operand::Kind::field) fields.push_back(operand.text);
        }
    }
}

// Paths as a tree. Nodes beyond `fixed` belong to one row and are forgotten with it.
struct RowEvents::Tree {
    static constexpr uint32_t kNone = UINT32_MAX;
    struct Node {
        std::string key;  // escaped
        uint32_t first_child = kNone;
        uint32_t next = kNone;
        int source = -1;         // index into RowShape::sources_
        std::string_view value;  // JSON of this row, from `extra`
        bool has_value = false;
    };
    std::vector<Node> nodes = std::vector<Node>(1);
    size_t fixed = 1;
    std::vector<std::pair<uint32_t, uint32_t>> changed;  // first_child of fixed nodes as they were
    std::vector<uint32_t> valued;

    uint32_t child(uint32_t parent, std::string_view key, bool for_row) {
        uint32_t last = kNone;
        const std::string escaped = json_escape(key);
        for (uint32_t at = nodes[parent].first_child; at != kNone; at = nodes[at].next) {
            if (nodes[at].key == escaped) return at;
            last = at;
        }
        const auto id = static_cast<uint32_t>(nodes.size());
        Node node;
        node.key = escaped;
        if (for_row) {  // in front, so that forgetting is one assignment
            if (parent < fixed) changed.emplace_back(parent, nodes[parent].first_child);
            node.next = nodes[parent].first_child;
            nodes.push_back(std::move(node));
            nodes[parent].first_child = id;
            return id;
        }
        nodes.push_back(std::move(node));
        (last == kNone ? nodes[parent].first_child : nodes[last].next) = id;
        return id;
    }

    void add_field(std::string_view path, int source) {
        uint32_t at = 0;
        for (const std::string_view step : split(path, '.')) at = child(at, step, false);
        if (source >= 0) nodes[at].source = source;
        fixed = nodes.size();
    }

    // Where `extra` means: names begin with the dictionary's steps, and what comes behind them is
    // one key, dots and all.
    uint32_t in_row(std::string_view name) {
        uint32_t at = 0;
        for (size_t from = 0;;) {
            const size_t dot = std::min(name.find('.', from), name.size());
            const uint32_t next = find_fixed(at, name.substr(from, dot - from));
            if (next == kNone) return child(at, name.substr(from), true);
            if (dot == name.size()) return next;
            at = next;
            from = dot + 1;
        }
    }

    uint32_t find_fixed(uint32_t parent, std::string_view key) const {
        for (uint32_t at = nodes[parent].first_child; at != kNone; at = nodes[at].next) {
            if (at < fixed && nodes[at].key == key) return at;
        }
        return kNone;
    }

    void set(uint32_t node, std::string_view json) {
        nodes[node].value = json;
        nodes[node].has_value = true;
        valued.push_back(node);
    }

    void forget_row() {
        for (const uint32_t node : valued) nodes[node].has_value = false;
        valued.clear();
        for (auto change = changed.rbegin(); change != changed.rend(); ++change)
            nodes[change->first].first_child = change->second;
        changed.clear();
        nodes.resize(fixed);
    }
};

namespace {

// Does JSON have to escape one of these bytes? Eight at a time: this is asked of every text of
// every row. (x − n·1) & ~x has the high bit of a byte set where the byte is below n, and perhaps
// above it.
bool needs_escapes(std::string_view text) {
    constexpr uint64_t kOnes = 0x0101010101010101;
    constexpr uint64_t kHigh = 0x8080808080808080;
    const auto below = [](uint64_t word, uint64_t n) { return (word - kOnes * n) & ~word & kHigh; };
    const auto is_bad = [&](uint64_t word) {
        return (below(word, 0x20) | below(word ^ (kOnes * '"'), 1) |
                below(word ^ (kOnes * '\\'), 1)) != 0;
    };
    size_t at = 0;
    for (; at + 8 <= text.size(); at += 8) {
        uint64_t word;
        std::memcpy(&word, text.data() + at, 8);
        if (is_bad(word)) return true;
    }
    uint64_t rest = kOnes * 'a';
    std::memcpy(&rest, text.data() + at, text.size() - at);
    return is_bad(rest);
}

void append_string(std::string& out, std::string_view text) {
    out += '"';
    needs_escapes(text) ? out.append(json_escape(text)) : out.append(text);
    out += '"';
}

std::string epoch_text(int64_t micros) {
    return micros % 1'000'000 == 0 ? fmt::format("{}", micros / 1'000'000)
                                   : fmt::format("{}", micros / 1000);
}

// Indexed text needs readable bytes behind it.
std::string_view padded(std::string& buffer, std::string_view text) {
    buffer.assign(text);
    buffer.append(event::kPadding, '\0');
    return {buffer.data(), text.size()};
}

}  // namespace

RowEvents::RowEvents(const RowShape& shape, const event::FieldPlan& plan)
    : shape_(shape), plan_(&plan), tree_(std::make_unique<Tree>()) {
    for (size_t i = 0; i < shape.sources_.size(); ++i) {
        const event::Field& field = shape.type_->fields[shape.sources_[i].slot];
        if (!is_derived(field)) tree_->add_field(field.name, static_cast<int>(i));
    }
    for (const event::Field& field : shape.type_->fields) {
        if (!is_derived(field)) tree_->add_field(field.name, -1);
    }
}

RowEvents::~RowEvents() = default;
RowEvents::RowEvents(RowEvents&&) noexcept = default;

bool RowEvents::is_wanted(std::string_view name) const {
    return shape_.roots_.empty() ||
           std::find(shape_.roots_.begin(), shape_.roots_.end(), first_step(name)) !=
               shape_.roots_.end();
}

// Calls `visit(name, value)` for every member of an `extra` object that is wanted.
template <class Visit>
void RowEvents::each_extra(std::string_view json, Visit&& visit) {
    const std::string_view text = padded(padded_, json);
    if (extra_document_.index(text) || extra_document_.size() < 2 || extra_document_.at(0) != '{')
        return;
    for (uint32_t at = 1; at < extra_document_.size() && extra_document_.at(at) == '"';) {
        ValueView key;
        ValueView value;
        if (extra_document_.read(at, key)) return;
        if (at >= extra_document_.size() || extra_document_.at(at++) != ':') return;
        if (extra_document_.read(at, value)) return;
        key_.clear();
        event::append_unescaped(key_, key.text());
        if (is_wanted(key_)) visit(std::string_view(key_), value);
        if (at < extra_document_.size() && extra_document_.at(at) == ',') ++at;
    }
}

event::Event* RowEvents::read(std::span<const sql::ColumnView> columns, size_t row) {
    event_.reset(*plan_);
    event_.ordinal = static_cast<uint64_t>(columns[shape_.ordinal_].integer(row));
    object_ = columns[shape_.object_id_].integer(row);
    if (shape_.type_->shape == logtype::Shape::text) {
        read_text(columns, row);
    } else if (!read_json(columns, row)) {
        return nullptr;
    }
    event_.time = from_micros(columns[shape_.event_time_].integer(row));
    event_.oddities |= static_cast<uint8_t>(columns[shape_.oddities_].integer(row));
    // What we derived from the record was stored, and need not be derived again.
    for (const RowShape::Source& source : shape_.sources_) {
        const sql::ColumnView& column = columns[source.column];
        if (!is_derived(shape_.type_->fields[source.slot]) || column.is_null(row) ||
            source.form != RowShape::Form::text)
            continue;
        event_.set(static_cast<event::SlotId>(source.slot), ValueView::of_string(column.text(row)));
    }
    return &event_;
}

// Writes a row's record as JSON from the tree of its parts.
struct RowEvents::RecordWriter {
    using Form = RowShape::Form;

    const RowShape& shape;
    const Tree& tree;
    std::span<const sql::ColumnView> columns;
    size_t row;
    bool own_time;  // the record itself said when it happened
    std::string& out;

    // What the node holds; false when that is nothing. The tree is as deep as its paths.
    bool write(uint32_t id) {
        const Tree::Node& node = tree.nodes[id];
        if (node.has_value) return out += node.value, true;
        if (node.source >= 0) {
            const auto& source = shape.sources_[static_cast<size_t>(node.source)];
            const bool is_there =
                !columns[source.column].is_null(row) && (own_time || !source.is_event_time);
            if (is_there) return write(source), true;
        }
        return write_members(node);
    }

    bool write_members(const Tree::Node& node) {
        const size_t start = out.size();
        bool any = false;
        for (uint32_t at = node.first_child; at != Tree::kNone; at = tree.nodes[at].next) {
            const size_t before = out.size();
            out += any ? ",\"" : "{\"";
            out += tree.nodes[at].key;
            out += "\":";
            if (write(at)) {
                any = true;
            } else {
                out.resize(before);
            }
        }
        if (!any) return out.resize(start), false;
        out += '}';
        return true;
    }

    void write(const RowShape::Source& source) {
        const sql::ColumnView& column = columns[source.column];
        switch (source.form) {
            case Form::text:
                append_string(out, column.text(row));
                break;
            case Form::json:
                out += column.text(row);
                break;
            case Form::boolean:
                out += column.boolean(row) ? "true" : "false";
                break;
            case Form::time:
                out += '"' + format_iso8601(from_micros(column.integer(row))) + '"';
                break;
            case Form::epoch:
                out += epoch_text(column.integer(row));
                break;
            case Form::number:
                column.append_text(out, row);
                break;
        }
    }
};

bool RowEvents::read_json(std::span<const sql::ColumnView> columns, size_t row) {
    tree_->forget_row();
    if (const auto& extra = columns[shape_.extra_]; !extra.is_null(row)) {
        each_extra(extra.text(row), [&](std::string_view name, const ValueView& value) {
            // A string's view lies between its quotes.
            tree_->set(tree_->in_row(name),
                       value.kind == Kind::string ? std::string_view(value.data - 1, value.size + 2)
                                                  : value.text());
        });
    }
    const int64_t oddities = columns[shape_.oddities_].integer(row);
    const bool own_time = (oddities & (event::kTimeMissing | event::kTimeFromEnvelope)) == 0;
    record_.clear();
    RecordWriter writer{shape_, *tree_, columns, row, own_time, record_};
    if (!writer.write(0)) record_ += "{}";
    const size_t size = record_.size();
    record_.append(event::kPadding, '\0');
    uint32_t at = 0;
    return !document_.index({record_.data(), size}) && document_.size() > 0 &&
           !event::walk_record(document_, at, event_);
}

void RowEvents::read_text(std::span<const sql::ColumnView> columns, size_t row) {
    using Form = RowShape::Form;
    Arena& arena = event_.arena();
    record_.clear();
    const auto set = [&](size_t slot, const ValueView& value) {
        event_.set(static_cast<event::SlotId>(slot), value);
        if (is_derived(shape_.type_->fields[slot])) return;
        if (!record_.empty()) record_ += ' ';
        record_ += value.text();
    };
    for (const RowShape::Source& source : shape_.sources_) {
        const sql::ColumnView& column = columns[source.column];
        if (column.is_null(row) || source.is_event_time) continue;
        if (source.form == Form::text || source.form == Form::json) {
            set(source.slot, ValueView::of_string(column.text(row)));
        } else if (source.form == Form::epoch) {
            set(source.slot, ValueView::of_number(arena.copy(epoch_text(column.integer(row)))));
        } else {
            std::string text;
            column.append_text(text, row);
            set(source.slot, ValueView::of_number(arena.copy(text)));
        }
    }
    if (const auto& extra = columns[shape_.extra_]; !extra.is_null(row)) {
        each_extra(extra.text(row), [&](std::string_view name, const ValueView& value) {
            const event::SlotId slot = plan_->find(name);
            if (slot == event::kNoSlot || slot >= shape_.type_->fields.size()) return;
            ValueView kept = value;
            const std::string_view text = arena.copy(value.text());
            kept.data = text.data();
            set(slot, kept);
        });
    }
    event_.record = record_;
}

}  // namespace yagura::query
