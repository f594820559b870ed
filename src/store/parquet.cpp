#include "store/parquet.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>

#include <zstd.h>

#include "base/large_memory.h"
#include "store/encode.h"
#include "store/hash_set.h"
#include "store/thrift.h"

namespace yagura::store {
namespace {

// Numbers of the Parquet format (parquet.thrift).
enum Physical { kBoolean = 0, kInt64 = 2, kDouble = 5, kByteArray = 6, kFixedBytes = 7 };
enum Encoding { kPlain = 0, kRle = 3, kDelta = 5, kRleDictionary = 8 };
constexpr int32_t kZstd = 6;  // codec
enum PageType { kDataPage = 0, kDictionaryPage = 2 };
enum Repetition { kRequired = 0, kOptional = 1 };

constexpr size_t kPageBytes = 2u << 20;
constexpr size_t kLongestStatistic = 64;
constexpr size_t kIntegerDictionary = 4096;
// Rows are written in the order of time and their texts lie in the order they came.
constexpr size_t kTextsAhead = 8;

Physical physical_of(Storage storage) {
    switch (storage) {
        case Storage::text:
            return kByteArray;
        case Storage::real:
            return kDouble;
        case Storage::boolean:
            return kBoolean;
        case Storage::uuid:
            return kFixedBytes;
        case Storage::integer:
        case Storage::time:
            break;
    }
    return kInt64;
}

struct Page {
    PageType type;
    Encoding encoding;
    size_t values;
    std::string bytes;
};

// One column of one row group on its way to the file.
struct Chunk {
    std::vector<Page> pages;
    size_t nulls = 0;
    std::string min, max;  // as Parquet's statistics want them; empty: unknown
    bool has_bounds = false;
    // Set when written.
    int64_t dictionary_offset = -1;
    int64_t data_offset = 0;
    int64_t raw_size = 0;
    int64_t stored_size = 0;
};

// As std::string_view compares; most texts differ within eight bytes.
bool is_less(std::string_view a, std::string_view b) {
    if (a.size() >= 8 && b.size() >= 8) {
        uint64_t first, second;
        std::memcpy(&first, a.data(), 8);
        std::memcpy(&second, b.data(), 8);
        if (first != second) return __builtin_bswap64(first) < __builtin_bswap64(second);
    }
    return a < b;
}

// The least and the greatest of texts.
struct TextBounds {
    std::string_view least, most;
    bool is_set = false;

    void add(std::string_view text) {
        if (!is_set || is_less(text, least)) least = text;
        if (!is_set || is_less(most, text)) most = text;
        is_set = true;
    }
};

class Writer {
  public:
    Writer(const RowBuffer& rows,
           std::span<const uint32_t> order,
           NewFile& file,
           const ParquetOptions& options)
        : rows_(rows), order_(order), file_(file), context_(ZSTD_createCCtx(), ZSTD_freeCCtx) {
        ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_compressionLevel, options.zstd_level);
        ZSTD_CCtx_setParameter(context_.get(), ZSTD_c_checksumFlag, 1);
    }

    Result<void> run();

  private:
    using Order = std::span<const uint32_t>;
    struct Group {
        std::vector<Chunk> chunks;
        size_t rows;
    };

    bool is_required(size_t column) const {
        const auto& common = rows_.schema().common();
        return column == common.event_time || column == common.object_id ||
               column == common.ordinal || column == common.oddities;
    }

    Chunk encode_text(const TextColumn& column, Order order);
    bool encode_dictionary(const TextColumn& column, Chunk& chunk);
    void encode_plain(const TextColumn& column, Chunk& chunk);
    size_t encode_page(const TextColumn& column, size_t start, TextBounds& bounds, Chunk& chunk);
    Chunk encode_fixed(const FixedColumn& column, Storage storage, bool required, Order order);
    void encode_integers(const std::vector<int64_t>& values,
                         std::string levels,
                         size_t rows,
                         Chunk& chunk);
    Result<void> write_chunk(Chunk& chunk);
    Result<void> write_page(const Page& page, std::string_view stored, Chunk& chunk);
    std::string footer(const std::vector<Group>& groups) const;
    void write_schema(ThriftWriter& out) const;
    void write_group(ThriftWriter& out, const Group& group) const;

    const RowBuffer& rows_;
    std::span<const uint32_t> order_;
    NewFile& file_;
    std::unique_ptr<ZSTD_CCtx, size_t (*)(ZSTD_CCtx*)> context_;
    // Scratch: the codes of the column at hand as they are written, local number of a dictionary
    // entry within the row group, levels and codes of a page.
    std::vector<uint32_t> codes_;
    std::vector<uint32_t> local_;
    std::vector<uint32_t> present_;
    std::vector<uint32_t> numbers_;
    LargeBytes packed_;  // the page at hand, compressed
    size_t packed_room_ = 0;
};

// Definition levels: 1 where there is a value, with their length in front.
std::string levels_of(std::span<const uint32_t> present) {
    std::string body;
    body.reserve(present.size() / 8 + 16);
    encode_hybrid(body, present, 1);
    std::string out;
    out.reserve(4 + body.size());
    put_le32(out, static_cast<uint32_t>(body.size()));
    return out += body;
}

void note_bounds(Chunk& chunk, std::string_view least, std::string_view most) {
    if (least.size() > kLongestStatistic || most.size() > kLongestStatistic) return;
    chunk.min = least;
    chunk.max = most;
    chunk.has_bounds = true;
}

Chunk Writer::encode_text(const TextColumn& column, Order order) {
    Chunk chunk;
    // In the order they are written: what follows goes over them several times.
    codes_.resize(order.size());
    for (size_t i = 0; i < order.size(); ++i) {
        codes_[i] = column.codes()[order[i]];
        chunk.nulls += codes_[i] == TextColumn::kNull;
    }
    if (!encode_dictionary(column, chunk)) encode_plain(column, chunk);
    return chunk;
}

// A dictionary pays when values of this row group repeat; false when they do not.
bool Writer::encode_dictionary(const TextColumn& column, Chunk& chunk) {
    if (chunk.nulls == codes_.size()) return false;
    const size_t most = std::max<size_t>(16, (codes_.size() - chunk.nulls) / 2);
    // Of all rows at once it is known before. One more than `most` was always let in.
    if (codes_.size() == column.codes().size() && column.entry_count() > most + 1) return false;
    local_.assign(column.entry_count(), TextColumn::kNull);
    Page dictionary{kDictionaryPage, kPlain, 0, {}};
    TextBounds bounds;
    present_.clear();
    numbers_.clear();
    for (const uint32_t code : codes_) {
        present_.push_back(code != TextColumn::kNull);
        if (code == TextColumn::kNull) continue;
        if (local_[code] == TextColumn::kNull) {
            if (dictionary.values > most) return false;
            local_[code] = static_cast<uint32_t>(dictionary.values++);
            const std::string_view text = column.entry(code);
            put_le32(dictionary.bytes, static_cast<uint32_t>(text.size()));
            dictionary.bytes += text;
            bounds.add(text);
        }
        numbers_.push_back(local_[code]);
    }
    const int width = std::max(1, bit_width(dictionary.values - 1));
    Page data{kDataPage, kRleDictionary, codes_.size(), levels_of(present_)};
    data.bytes += static_cast<char>(width);
    encode_hybrid(data.bytes, numbers_, width);
    chunk.pages.push_back(std::move(dictionary));
    chunk.pages.push_back(std::move(data));
    note_bounds(chunk, bounds.least, bounds.most);
    return true;
}

void Writer::encode_plain(const TextColumn& column, Chunk& chunk) {
    TextBounds bounds;
    for (size_t start = 0; start < codes_.size();)
        start = encode_page(column, start, bounds, chunk);
    if (bounds.is_set) note_bounds(chunk, bounds.least, bounds.most);
}

// Rows from `start` on, as many as a page takes; where the next page starts.
size_t Writer::encode_page(const TextColumn& column,
                           size_t start,
                           TextBounds& bounds,
                           Chunk& chunk) {
    present_.clear();
    size_t end = start, size = 0;
    for (; end < codes_.size() && size < kPageBytes; ++end) {
        const bool is_text = codes_[end] != TextColumn::kNull;
        present_.push_back(is_text);
        if (is_text) size += 4 + column.entry(codes_[end]).size();
    }
    Page page{kDataPage, kPlain, end - start, levels_of(present_)};
    page.bytes.reserve(page.bytes.size() + size);
    for (size_t i = start; i < end; ++i) {
        if (i + kTextsAhead < end) column.expect(codes_[i + kTextsAhead]);
        if (codes_[i] == TextColumn::kNull) continue;
        const std::string_view text = column.entry(codes_[i]);
        put_le32(page.bytes, static_cast<uint32_t>(text.size()));
        page.bytes += text;
        bounds.add(text);
    }
    chunk.pages.push_back(std::move(page));
    return end;
}

void put_uuid(std::string& out, Hash128 uuid) {
    char bytes[16];
    for (int i = 0; i < 8; ++i) bytes[i] = static_cast<char>(uuid.high >> (56 - 8 * i));
    for (int i = 0; i < 8; ++i) bytes[8 + i] = static_cast<char>(uuid.low >> (56 - 8 * i));
    out.append(bytes, 16);
}

double as_double(int64_t bits) {
    double value;
    std::memcpy(&value, &bits, 8);
    return value;
}

std::string le64(int64_t value) {
    std::string out;
    put_le64(out, static_cast<uint64_t>(value));
    return out;
}

void note_number_bounds(Chunk& chunk, Storage storage, const std::vector<int64_t>& values) {
    if (values.empty()) return;
    if (storage == Storage::real) {
        const auto less = [](int64_t a, int64_t b) { return as_double(a) < as_double(b); };
        const auto [least, most] = std::minmax_element(values.begin(), values.end(), less);
        // Readers may take -0.0 and 0.0 for different numbers; the format asks for the wider pair.
        const double low = as_double(*least) == 0 ? -0.0 : as_double(*least);
        const double high = as_double(*most) == 0 ? 0.0 : as_double(*most);
        int64_t bits[2];
        std::memcpy(&bits[0], &low, 8);
        std::memcpy(&bits[1], &high, 8);
        note_bounds(chunk, le64(bits[0]), le64(bits[1]));
    } else {
        const auto [least, most] = std::minmax_element(values.begin(), values.end());
        note_bounds(chunk, le64(*least), le64(*most));
    }
}

Chunk Writer::encode_fixed(const FixedColumn& column, Storage storage, bool required, Order order) {
    Chunk chunk;
    std::vector<uint32_t> present;
    present.reserve(order.size());
    for (const uint32_t row : order) present.push_back(!column.is_null(row));
    chunk.nulls = static_cast<size_t>(std::count(present.begin(), present.end(), 0u));
    std::string levels = required ? std::string() : levels_of(present);
    if (storage == Storage::uuid) {
        Page page{kDataPage, kPlain, order.size(), std::move(levels)};
        page.bytes.reserve(page.bytes.size() + order.size() * 16);
        for (const uint32_t row : order) {
            if (!column.is_null(row)) put_uuid(page.bytes, column.wide_value(row));
        }
        chunk.pages.push_back(std::move(page));
        return chunk;
    }
    std::vector<int64_t> values;
    values.reserve(order.size());
    for (const uint32_t row : order) {
        if (!column.is_null(row)) values.push_back(column.value(row));
    }
    if (storage == Storage::boolean) {
        Page page{kDataPage, kPlain, order.size(), std::move(levels)};
        for (size_t i = 0; i < values.size(); i += 8) {
            uint8_t bits = 0;
            for (size_t j = i; j < std::min(i + 8, values.size()); ++j)
                bits |= static_cast<uint8_t>(values[j] << (j - i));
            page.bytes += static_cast<char>(bits);
        }
        chunk.pages.push_back(std::move(page));
        return chunk;
    }
    note_number_bounds(chunk, storage, values);
    if (storage == Storage::real) {
        Page page{kDataPage, kPlain, order.size(), std::move(levels)};
        for (const int64_t value : values) put_le64(page.bytes, static_cast<uint64_t>(value));
        chunk.pages.push_back(std::move(page));
        return chunk;
    }
    encode_integers(values, std::move(levels), order.size(), chunk);
    return chunk;
}

// The distinct ones of `values` in order; none when there are more than a dictionary is good for.
std::vector<int64_t> few_distinct(std::span<const int64_t> values) {
    const size_t most = std::min(kIntegerDictionary, values.size() / 2);
    HashSet seen;
    // Apart, as a set of hashes takes 0 for 1; a product is zero only when its value is.
    bool has_zero = false;
    std::vector<int64_t> distinct;
    for (size_t i = 0; i < values.size(); ++i) {
        if (i > 0 && values[i] == values[i - 1]) continue;
        const uint64_t spread = static_cast<uint64_t>(values[i]) * 0x9E3779B97F4A7C15ull;
        if (spread == 0 ? std::exchange(has_zero, true) : !seen.insert(spread)) continue;
        if (distinct.size() == most) return {};
        distinct.push_back(values[i]);
    }
    std::sort(distinct.begin(), distinct.end());
    return distinct;
}

// Few distinct numbers (ports, protocols) make a dictionary; counters and times are small
// differences.
void Writer::encode_integers(const std::vector<int64_t>& values,
                             std::string levels,
                             size_t rows,
                             Chunk& chunk) {
    const std::vector<int64_t> distinct = few_distinct(values);
    if (distinct.empty()) {
        Page page{kDataPage, kDelta, rows, std::move(levels)};
        encode_delta(page.bytes, values);
        chunk.pages.push_back(std::move(page));
        return;
    }
    Page dictionary{kDictionaryPage, kPlain, distinct.size(), {}};
    for (const int64_t value : distinct) put_le64(dictionary.bytes, static_cast<uint64_t>(value));
    numbers_.clear();
    for (const int64_t value : values) {
        const auto found = std::lower_bound(distinct.begin(), distinct.end(), value);
        numbers_.push_back(static_cast<uint32_t>(found - distinct.begin()));
    }
    const int width = std::max(1, bit_width(distinct.size() - 1));
    Page data{kDataPage, kRleDictionary, rows, std::move(levels)};
    data.bytes += static_cast<char>(width);
    encode_hybrid(data.bytes, numbers_, width);
    chunk.pages.push_back(std::move(dictionary));
    chunk.pages.push_back(std::move(data));
}

// Every page goes through zstd, even where it gains nothing: its checksum is what tells a reader of
// damage.
Result<void> Writer::write_chunk(Chunk& chunk) {
    for (const Page& page : chunk.pages) {
        const size_t room = ZSTD_compressBound(page.bytes.size());
        if (packed_room_ < room) {
            packed_ = make_large_bytes(room);
            packed_room_ = room;
        }
        const size_t size = ZSTD_compress2(
            context_.get(), packed_.get(), packed_room_, page.bytes.data(), page.bytes.size());
        if (ZSTD_isError(size)) return fail(Code::internal, ZSTD_getErrorName(size));
        YAGURA_CHECK(write_page(page, {packed_.get(), size}, chunk));
    }
    chunk.pages.clear();
    return {};
}

Result<void> Writer::write_page(const Page& page, std::string_view stored, Chunk& chunk) {
    ThriftWriter header;
    header.i32(1, page.type);
    header.i32(2, static_cast<int32_t>(page.bytes.size()));
    header.i32(3, static_cast<int32_t>(stored.size()));
    if (page.type == kDataPage) {
        header.begin_struct(5);
        header.i32(1, static_cast<int32_t>(page.values));
        header.i32(2, page.encoding);
        header.i32(3, kRle);
        header.i32(4, kRle);
        header.end();
    } else {
        header.begin_struct(7);
        header.i32(1, static_cast<int32_t>(page.values));
        header.i32(2, kPlain);
        header.end();
    }
    header.end();
    const auto offset = static_cast<int64_t>(file_.size());
    if (page.type == kDictionaryPage) {
        chunk.dictionary_offset = offset;
    } else if (chunk.data_offset == 0) {
        chunk.data_offset = offset;
    }
    chunk.raw_size += static_cast<int64_t>(header.bytes().size() + page.bytes.size());
    chunk.stored_size += static_cast<int64_t>(header.bytes().size() + stored.size());
    YAGURA_CHECK(file_.write(header.bytes()));
    return file_.write(stored);
}

Result<void> Writer::run() {
    const auto columns = rows_.schema().columns();
    YAGURA_CHECK(file_.write("PAR1"));
    std::vector<Group> groups;
    for (size_t start = 0; start < order_.size(); start += kRowGroupRows) {
        const Order part = order_.subspan(start, std::min(kRowGroupRows, order_.size() - start));
        Group& group = groups.emplace_back();
        group.rows = part.size();
        for (size_t i = 0; i < columns.size(); ++i) {
            Chunk chunk =
                columns[i].storage == Storage::text
                    ? encode_text(rows_.text(i), part)
                    : encode_fixed(rows_.fixed(i), columns[i].storage, is_required(i), part);
            // An int32 in the format; pages are cut at 2 MiB and one value is at most 16 MiB, so
            // only a bug gets here.
            for (const Page& page : chunk.pages) {
                if (page.bytes.size() > INT32_MAX)
                    return fail(Code::internal, "a Parquet page beyond 2 GiB");
            }
            YAGURA_CHECK(write_chunk(chunk));
            group.chunks.push_back(std::move(chunk));
        }
        failpoint("mid_segment");
    }
    std::string end = footer(groups);
    put_le32(end, static_cast<uint32_t>(end.size()));
    return file_.write(end + "PAR1");
}

void Writer::write_schema(ThriftWriter& out) const {
    const auto columns = rows_.schema().columns();
    out.begin_list(2, ThriftWriter::kStruct, columns.size() + 1);
    out.begin_element();
    out.text(4, "schema");
    out.i32(5, static_cast<int32_t>(columns.size()));
    out.end();
    for (size_t i = 0; i < columns.size(); ++i) {
        out.begin_element();
        out.i32(1, physical_of(columns[i].storage));
        if (columns[i].storage == Storage::uuid) out.i32(2, 16);
        out.i32(3, is_required(i) ? kRequired : kOptional);
        out.text(4, columns[i].name);
        if (columns[i].storage == Storage::text)
            out.i32(6, 0);  // converted type UTF8, for old readers
        if (columns[i].storage == Storage::text || columns[i].storage == Storage::uuid ||
            columns[i].storage == Storage::time) {
            out.begin_struct(10);
            if (columns[i].storage == Storage::text) {
                out.begin_struct(1);  // STRING
            } else if (columns[i].storage == Storage::uuid) {
                out.begin_struct(14);  // UUID
            } else {
                out.begin_struct(8);  // TIMESTAMP
                out.boolean(1, false);
                out.begin_struct(2);
                out.begin_struct(2);  // MICROS
                out.end();
                out.end();
            }
            out.end();
            out.end();
        }
        out.end();
    }
}

void Writer::write_group(ThriftWriter& out, const Group& group) const {
    const auto columns = rows_.schema().columns();
    int64_t raw = 0, stored = 0;
    out.begin_element();
    out.begin_list(1, ThriftWriter::kStruct, group.chunks.size());
    for (size_t i = 0; i < group.chunks.size(); ++i) {
        const Chunk& chunk = group.chunks[i];
        raw += chunk.raw_size;
        stored += chunk.stored_size;
        const bool dictionary = chunk.dictionary_offset >= 0;
        const int64_t offset = dictionary ? chunk.dictionary_offset : chunk.data_offset;
        out.begin_element();
        out.i64(2, offset);
        out.begin_struct(3);
        out.i32(1, physical_of(columns[i].storage));
        const Storage storage = columns[i].storage;
        const bool delta = !dictionary && (storage == Storage::integer || storage == Storage::time);
        out.begin_list(2, ThriftWriter::kI32, dictionary ? 3 : 2);
        out.element_i32(kRle);
        out.element_i32(delta ? kDelta : kPlain);
        if (dictionary) out.element_i32(kRleDictionary);
        out.begin_list(3, ThriftWriter::kBinary, 1);
        out.element_text(columns[i].name);
        out.i32(4, kZstd);
        out.i64(5, static_cast<int64_t>(group.rows));
        out.i64(6, chunk.raw_size);
        out.i64(7, chunk.stored_size);
        out.i64(9, chunk.data_offset);
        if (dictionary) out.i64(11, chunk.dictionary_offset);
        out.begin_struct(12);
        out.i64(3, static_cast<int64_t>(chunk.nulls));
        if (chunk.has_bounds) {
            out.text(5, chunk.max);
            out.text(6, chunk.min);
        }
        out.end();
        out.end();
        out.end();
    }
    out.i64(2, raw);
    out.i64(3, static_cast<int64_t>(group.rows));
    out.i64(6, stored);
    out.end();
}

std::string Writer::footer(const std::vector<Group>& groups) const {
    ThriftWriter out;
    out.i32(1, 2);
    write_schema(out);
    out.i64(3, static_cast<int64_t>(rows_.rows()));
    out.begin_list(4, ThriftWriter::kStruct, groups.size());
    for (const Group& group : groups) write_group(out, group);
    out.text(6, "Yagura");
    // Bounds are compared by the order the type defines; without this readers ignore them.
    out.begin_list(7, ThriftWriter::kStruct, rows_.schema().columns().size());
    for (size_t i = 0; i < rows_.schema().columns().size(); ++i) {
        out.begin_element();
        out.begin_struct(1);
        out.end();
        out.end();
    }
    out.end();
    return out.bytes();
}

}  // namespace

Result<void> write_parquet(const RowBuffer& rows,
                           std::span<const uint32_t> order,
                           NewFile& file,
                           const ParquetOptions& options) {
    return Writer(rows, order, file, options).run();
}

}  // namespace yagura::store
