#include "store/row_buffer.h"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <numeric>

#include "base/ip.h"
#include "base/same.h"
#include "base/text.h"
#include "store/json_text.h"

namespace yagura::store {

using event::Kind;
using event::Type;
using event::ValueView;

namespace {

// After this many rows a column whose values hardly repeat stops looking for repetitions.
constexpr size_t kInternTrial = 4096;
// Whoever writes logs can choose texts whose hashes crowd. A search ends here, many times farther
// than honest ones go; a text that has found no place is kept again when it comes again.
constexpr size_t kFarthest = 128;

// Blocks of text double up to a huge page.
constexpr size_t kSmallestBlock = 4096;
constexpr size_t kLargestBlock = kHugePage;

std::optional<int64_t> exact_integer(std::string_view text) {
    // "007", "+7" and "-0" would come back in another spelling.
    const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
    if (digits.empty() || (digits[0] == '0' && text.size() > 1)) return std::nullopt;
    int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<double> exact_real(std::string_view text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
        return std::nullopt;
    // A double holds 15 digits for certain.
    const auto digits =
        std::count_if(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (digits > 15 && text.find_first_of("eE") == std::string_view::npos) return std::nullopt;
    return value;
}

constexpr uint8_t kNoHex = 0xFF;

constexpr auto kHexValue = [] {
    std::array<uint8_t, 256> table{};
    table.fill(kNoHex);
    for (uint8_t i = 0; i < 10; ++i) table['0' + i] = i;
    for (uint8_t i = 0; i < 6; ++i) table['a' + i] = static_cast<uint8_t>(10 + i);
    return table;
}();

// Only the form that a UUID column gives back: 8-4-4-4-12, lower case. Looked up and judged at the
// end: whether a digit is a letter cannot be foreseen, so a branch for each would often go wrong.
std::optional<Hash128> exact_uuid(std::string_view text) {
    if (text.size() != 36) return std::nullopt;
    if (text[8] != '-' || text[13] != '-' || text[18] != '-' || text[23] != '-')
        return std::nullopt;
    uint8_t any = 0;
    const auto hex = [&](size_t from, size_t digits) {
        uint64_t value = 0;
        for (size_t i = from; i < from + digits; ++i) {
            const uint8_t digit = kHexValue[static_cast<uint8_t>(text[i])];
            any |= digit;
            value = value << 4 | (digit & 15);
        }
        return value;
    };
    const uint64_t high = hex(0, 8) << 32 | hex(9, 4) << 16 | hex(14, 4);
    const uint64_t low = hex(19, 4) << 48 | hex(24, 12);
    if (any > 15) return std::nullopt;
    return Hash128{low, high};
}

std::optional<Timestamp> time_of(const ValueView& value, std::string_view text) {
    if (value.kind == Kind::number) return parse_epoch(text);
    if (const auto time = parse_iso8601(text)) return time;
    return parse_epoch(text);
}

bool is_scalar(Kind kind) {
    return kind == Kind::string || kind == Kind::number || kind == Kind::boolean;
}

int64_t bits_of(double real) {
    return std::bit_cast<int64_t>(real);
}

// What a column of numbers, times or truth holds of this text; nullopt when it would not come back
// as it is.
std::optional<int64_t> number_of(Storage storage, const ValueView& value, std::string_view text) {
    switch (storage) {
        case Storage::integer:
            return exact_integer(text);
        case Storage::real:
            if (const auto real = exact_real(text)) return bits_of(*real);
            break;
        case Storage::boolean:
            if (text == "true" || text == "false") return int64_t{text == "true"};
            break;
        case Storage::time:
            if (const auto time = time_of(value, text)) return to_micros(*time);
            break;
        case Storage::text:
        case Storage::uuid:
            break;
    }
    return std::nullopt;
}

}  // namespace

void TextColumn::add(std::string_view text) {
    if (!interning_) return codes_.push_back(add_entry(text, 0));
    // Neighbouring rows agree in most of their columns.
    if (latest_code_ == kNull || !is_same(latest_, text)) {
        latest_code_ = intern(text);
        latest_ = entry(latest_code_);
    }
    codes_.push_back(latest_code_);
}

void TextColumn::add_block(size_t size) {
    const size_t doubled = std::clamp(block_bytes_, kSmallestBlock, kLargestBlock);
    free_size_ = std::max(size, doubled);
    blocks_.push_back(make_large_bytes(free_size_));
    block_bytes_ += free_size_;
    free_ = blocks_.back().get();
}

uint32_t TextColumn::add_entry(std::string_view text, uint32_t hash) {
    if (text.size() > free_size_) add_block(text.size());
    if (!text.empty()) std::memcpy(free_, text.data(), text.size());
    entries_.push_back({free_, static_cast<uint32_t>(text.size()), hash});
    free_ += text.size();
    free_size_ -= text.size();
    return static_cast<uint32_t>(entries_.size() - 1);
}

uint32_t TextColumn::intern(std::string_view text) {
    if (entries_.size() * 2 >= table_.size() && !grow()) return add_entry(text, 0);
    const auto hash = static_cast<uint32_t>(hash64(text));
    const size_t mask = table_.size() - 1;
    for (size_t i = hash, last = i + kFarthest; i != last; ++i) {
        Place& place = table_[i & mask];
        if (place.entry == 0) {
            const uint32_t code = add_entry(text, hash);
            place = {hash, code + 1};
            return code;
        }
        if (place.hash == hash && is_same(entry(place.entry - 1), text)) return place.entry - 1;
    }
    return add_entry(text, hash);
}

bool TextColumn::grow() {
    if (codes_.size() >= kInternTrial && entries_.size() * 10 > codes_.size() * 6) {
        interning_ = false;
        table_ = {};
        return false;
    }
    table_.assign(std::max<size_t>(64, table_.size() * 2), Place{});
    const size_t mask = table_.size() - 1;
    for (uint32_t code = 0; code < entries_.size(); ++code) {
        const uint32_t hash = entries_[code].hash;
        size_t i = hash;
        const size_t last = i + kFarthest;
        while (i != last && table_[i & mask].entry != 0) ++i;
        if (i != last) table_[i & mask] = {hash, code + 1};
    }
    return true;
}

size_t TextColumn::memory() const {
    return codes_.capacity() * 4 + entries_.capacity() * sizeof(Entry) + block_bytes_ +
           table_.capacity() * sizeof(Place);
}

void TextColumn::clear() {
    *this = TextColumn();
}

void FixedColumn::add(uint64_t low, uint64_t high, bool present) {
    low_.push_back(low);
    if (wide_) high_.push_back(high);
    present_.push_back(present);
    nulls_ += !present;
}

void FixedColumn::clear() {
    *this = FixedColumn(wide_);
}

RowBuffer::RowBuffer(const Schema& schema) : schema_(&schema) {
    for (const ColumnSpec& column : schema.columns()) {
        if (column.storage == Storage::text) {
            place_.push_back(static_cast<uint32_t>(texts_.size()));
            texts_.emplace_back();
        } else {
            place_.push_back(static_cast<uint32_t>(fixed_.size()));
            fixed_.emplace_back(column.storage == Storage::uuid);
        }
    }
    const auto fields = schema.log_type().fields;
    for (size_t slot = 0; slot < fields.size(); ++slot) {
        Target& target = targets_.emplace_back();
        target.is_event_time = fields[slot].column == "event_time";
        const int column = schema.column_of(slot);
        if (column < 0) continue;
        const ColumnSpec& spec = schema.columns()[static_cast<size_t>(column)];
        target.place = static_cast<int32_t>(place_[static_cast<size_t>(column)]);
        target.storage = spec.storage;
        target.type = spec.type;
    }
}

void RowBuffer::clear() {
    for (TextColumn& column : texts_) column.clear();
    for (FixedColumn& column : fixed_) column.clear();
    rows_ = 0;
    memory_ = 0;
}

void RowBuffer::add_null(size_t column) {
    if (schema_->columns()[column].storage == Storage::text) {
        texts_[place_[column]].add_null();
    } else {
        fixed_[place_[column]].add_null();
    }
}

void RowBuffer::append(event::Event& event, const RowOrigin& origin) {
    misfits_.clear();
    for (size_t slot = 0; slot < targets_.size(); ++slot) {
        const Target& to = targets_[slot];
        const ValueView& value = event.value(static_cast<event::SlotId>(slot));
        if (to.place < 0) {
            // The row's own time says it already, when the field is that time.
            const bool said = to.is_event_time && is_scalar(value.kind) &&
                              time_of(value, event::plain_text(value, event.arena())) == event.time;
            if (value.is_present() && value.kind != Kind::null && !said)
                misfits_.push_back(static_cast<uint16_t>(slot));
            continue;
        }
        if (value.kind == Kind::absent || value.kind == Kind::null) {
            const auto place = static_cast<size_t>(to.place);
            to.storage == Storage::text ? texts_[place].add_null() : fixed_[place].add_null();
            continue;
        }
        // Several values without the array that holds them: the column takes the first, `extra`
        // all.
        bool fits = value.kind == Kind::array || !event.has_many(static_cast<event::SlotId>(slot));
        add_value(to, event, value, fits);
        if (!fits) misfits_.push_back(static_cast<uint16_t>(slot));
    }
    const auto& common = schema_->common();
    const auto fixed = [this](size_t column) -> FixedColumn& { return fixed_[place_[column]]; };
    fixed(common.event_time).add(to_micros(event.time));
    fixed(common.object_id).add(origin.object_id);
    fixed(common.ordinal).add(static_cast<int64_t>(event.ordinal));
    fixed(common.oddities).add(int64_t{event.oddities});
    append_extra(event);
    const auto add_found = [this](size_t column, std::string_view text) {
        TextColumn& target = texts_[place_[column]];
        text.empty() ? target.add_null() : target.add(text);
    };
    add_found(common.detections, origin.detections);
    add_found(common.detection_level, origin.detection_level);
    note_row(to_micros(event.time));
}

void RowBuffer::add_text(const Target& to, event::Event& event, const ValueView& value) {
    TextColumn& target = texts_[static_cast<size_t>(to.place)];
    if (to.type == Type::json || !is_scalar(value.kind)) {
        if (to.type == Type::json && value.kind != Kind::object && value.kind != Kind::array) {
            scratch_.clear();
            append_json(scratch_, value);
            target.add(scratch_);
        } else {
            target.add(event.oddities & event::kRepaired ? mended_json(value.text(), event.arena())
                                                         : value.text());
        }
        return;
    }
    const std::string_view text = event::plain_text(value, event.arena());
    const bool is_v6 = to.type == Type::ip && text.find(':') != std::string_view::npos;
    if (const auto address = is_v6 ? IpAddress::parse(text) : std::nullopt) {
        target.add(address->to_string());
    } else if (schema_->log_type().shape == logtype::Shape::text && !is_valid_utf8(text)) {
        target.add(repair_utf8(text));
    } else {
        target.add(text);
    }
}

void RowBuffer::add_value(const Target& to,
                          event::Event& event,
                          const ValueView& value,
                          bool& fits) {
    if (to.storage == Storage::text) return add_text(to, event, value);
    FixedColumn& target = fixed_[static_cast<size_t>(to.place)];
    const std::string_view text =
        is_scalar(value.kind) ? event::plain_text(value, event.arena()) : std::string_view();
    if (to.storage == Storage::uuid) {
        if (const auto uuid = exact_uuid(text)) return target.add(*uuid);
    } else if (const auto number = number_of(to.storage, value, text)) {
        return target.add(*number);
    }
    fits = false;
    target.add_null();
}

void RowBuffer::append_extra(event::Event& event) {
    TextColumn& target = texts_[place_[schema_->common().extra]];
    if (event.extra().empty() && misfits_.empty()) return target.add_null();
    const bool repaired = (event.oddities & event::kRepaired) != 0;
    extra_.clear();
    for (const event::Event::Extra& extra : event.extra())
        extra_.add(extra.path, extra.key, extra.value);
    for (const uint16_t slot : misfits_) {
        const ValueView name = ValueView::of_string(schema_->log_type().fields[slot].name);
        event.any_value(slot, [&](const ValueView& value) {
            extra_.add({}, name, value);
            // The array that comes first holds the others.
            return value.kind == Kind::array;
        });
    }
    scratch_.clear();
    extra_.write(scratch_);
    if (!is_valid_utf8(scratch_)) scratch_ = repair_utf8(scratch_);
    target.add(repaired ? mended_json(scratch_, event.arena()) : scratch_);
}

void RowBuffer::note_row(int64_t micros) {
    min_time_ = rows_ == 0 ? micros : std::min(min_time_, micros);
    max_time_ = rows_ == 0 ? micros : std::max(max_time_, micros);
    if (rows_++ % 256 != 0) return;
    memory_ = 0;
    for (const TextColumn& column : texts_) memory_ += column.memory();
    for (const FixedColumn& column : fixed_) memory_ += column.memory();
}

void RowBuffer::append(const sql::Rows& chunk) {
    const auto columns = schema_->columns();
    std::vector<const sql::ColumnView*> sources(columns.size(), nullptr);
    for (size_t i = 0; i < chunk.columns().size(); ++i) {
        const int column = schema_->find(chunk.columns()[i].name);
        if (column >= 0) sources[static_cast<size_t>(column)] = &chunk.column(i);
    }
    for (size_t row = 0; row < chunk.size(); ++row) {
        for (size_t column = 0; column < columns.size(); ++column) {
            const sql::ColumnView* source = sources[column];
            source && !source->is_null(row) ? add_cell(column, *source, row) : add_null(column);
        }
        note_row(fixed(schema_->common().event_time).value(rows_));
    }
}

void RowBuffer::add_cell(size_t column, const sql::ColumnView& source, size_t row) {
    const size_t place = place_[column];
    switch (schema_->columns()[column].storage) {
        case Storage::text:
            return texts_[place].add(source.text(row));
        case Storage::uuid:
            return fixed_[place].add(source.uuid(row));
        case Storage::boolean:
            return fixed_[place].add(int64_t{source.boolean(row)});
        case Storage::real:
            return fixed_[place].add(bits_of(source.real(row)));
        case Storage::integer:
        case Storage::time:
            return fixed_[place].add(source.integer(row));
    }
}

std::vector<uint32_t> RowBuffer::time_order() const {
    std::vector<uint32_t> order(rows_);
    std::iota(order.begin(), order.end(), 0u);
    const FixedColumn& time = fixed(schema_->common().event_time);
    const FixedColumn& object = fixed(schema_->common().object_id);
    const FixedColumn& ordinal = fixed(schema_->common().ordinal);
    const auto before = [&](uint32_t a, uint32_t b) {
        if (time.value(a) != time.value(b)) return time.value(a) < time.value(b);
        if (object.value(a) != object.value(b)) return object.value(a) < object.value(b);
        return ordinal.value(a) < ordinal.value(b);
    };
    if (!std::is_sorted(order.begin(), order.end(), before))
        std::sort(order.begin(), order.end(), before);
    return order;
}

}  // namespace yagura::store
