#include "store/encode.h"

#include <algorithm>
#include <bit>
#include <vector>

#include "store/thrift.h"

namespace yagura::store {
namespace {

constexpr size_t kMinRun = 8;
constexpr size_t kBlock = 128;
constexpr size_t kMiniBlock = 32;

void put_varint(std::string& out, uint64_t value) {
    for (; value >= 0x80; value >>= 7) out += static_cast<char>(value | 0x80);
    out += static_cast<char>(value);
}

// Least significant bit first; the last byte is filled with zeros.
template <class T>
void pack(std::string& out, const T* values, size_t count, int width) {
    const size_t start = out.size();
    out.resize(start + (count * static_cast<size_t>(width) + 7) / 8);
    char* at = out.data() + start;
    unsigned __int128 bits = 0;
    int held = 0;
    for (size_t i = 0; i < count; ++i) {
        bits |= static_cast<unsigned __int128>(values[i]) << held;
        held += width;
        for (; held >= 8; held -= 8, bits >>= 8) *at++ = static_cast<char>(bits);
    }
    if (held > 0) *at = static_cast<char>(bits);
}

// Bit-packed runs hold a multiple of eight values; only the last of a page may be filled up with
// zeros.
void put_literals(std::string& out, std::span<const uint32_t> values, int width) {
    if (values.empty()) return;
    const size_t groups = (values.size() + 7) / 8;
    put_varint(out, groups << 1 | 1);
    const size_t whole = values.size() / 8 * 8;
    pack(out, values.data(), whole, width);
    if (whole == values.size()) return;
    uint32_t last[8] = {};
    std::copy(values.begin() + static_cast<ptrdiff_t>(whole), values.end(), last);
    pack(out, last, 8, width);
}

void put_run(std::string& out, uint32_t value, size_t count, int width) {
    put_varint(out, count << 1);
    for (int i = 0; i < (width + 7) / 8; ++i) out += static_cast<char>(value >> (8 * i));
}

void put_block(std::string& out, const std::vector<uint64_t>& deltas) {
    int64_t least = INT64_MAX;
    for (const uint64_t delta : deltas) least = std::min(least, static_cast<int64_t>(delta));
    put_varint(out, ThriftWriter::zigzag(least));
    uint64_t adjusted[kBlock] = {};
    for (size_t i = 0; i < deltas.size(); ++i)
        adjusted[i] = deltas[i] - static_cast<uint64_t>(least);
    int widths[kBlock / kMiniBlock];
    for (size_t m = 0; m < kBlock / kMiniBlock; ++m) {
        uint64_t all = 0;
        for (size_t i = 0; i < kMiniBlock; ++i) all |= adjusted[m * kMiniBlock + i];
        widths[m] = bit_width(all);
        out += static_cast<char>(widths[m]);
    }
    for (size_t m = 0; m * kMiniBlock < deltas.size(); ++m)
        pack(out, adjusted + m * kMiniBlock, kMiniBlock, widths[m]);
}

}  // namespace

int bit_width(uint64_t value) {
    return static_cast<int>(std::bit_width(value));
}

void encode_hybrid(std::string& out, std::span<const uint32_t> values, int width) {
    size_t literal = 0;  // first value not yet written
    for (size_t i = 0; i < values.size();) {
        size_t end = i + 1;
        while (end < values.size() && values[end] == values[i]) ++end;
        // A run may only start where the literals before it fill whole groups of eight.
        const size_t start = literal + (i - literal + 7) / 8 * 8;
        if (end >= start + kMinRun) {
            put_literals(out, values.subspan(literal, start - literal), width);
            put_run(out, values[i], end - start, width);
            literal = end;
        }
        i = end;
    }
    put_literals(out, values.subspan(literal), width);
}

void encode_delta(std::string& out, std::span<const int64_t> values) {
    put_varint(out, kBlock);
    put_varint(out, kBlock / kMiniBlock);
    put_varint(out, values.size());
    put_varint(out, ThriftWriter::zigzag(values.empty() ? 0 : values[0]));
    std::vector<uint64_t> deltas;  // unsigned: differences may wrap, and unwrap again when read
    for (size_t i = 1; i < values.size(); ++i) {
        deltas.push_back(static_cast<uint64_t>(values[i]) - static_cast<uint64_t>(values[i - 1]));
        if (deltas.size() == kBlock) {
            put_block(out, deltas);
            deltas.clear();
        }
    }
    if (!deltas.empty()) put_block(out, deltas);
}

}  // namespace yagura::store
