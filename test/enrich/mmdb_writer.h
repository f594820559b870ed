// Makes small databases in the MaxMind format for tests.
//
//   MmdbWriter writer(28);
//   writer.add("81.2.69.0/24", map({{"country", map({{"iso_code", text("GB")}})}}));
//   const std::string bytes = writer.bytes("Test-Country");
//
// Values are their encoded bytes. Blocks must not lie within each other.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/ip.h"

namespace yagura::enrich {

class MmdbWriter {
  public:
    explicit MmdbWriter(int record_bits = 24, int family = 6)
        : record_bits_(record_bits), family_(family), nodes_(1) {}

    static std::string big_endian(uint64_t value, size_t size) {
        std::string out(size, '\0');
        for (size_t i = 0; i < size; ++i) out[size - 1 - i] = static_cast<char>(value >> (8 * i));
        return out;
    }
    static std::string control(int type, size_t size) {
        std::string out;
        const char low = static_cast<char>(size < 29 ? size : size < 285 ? 29 : 30);
        out += type < 8 ? static_cast<char>(type << 5 | low) : low;
        if (type >= 8) out += static_cast<char>(type - 7);
        if (size >= 285) return out + big_endian(size - 285, 2);
        return size < 29 ? out : out + big_endian(size - 29, 1);
    }

    void add(std::string_view cidr, const std::string& value) {
        const Cidr block = *Cidr::parse(cidr);
        const bool is_deep = block.base.is_v4 && family_ == 6;
        std::vector<bool> bits(is_deep ? 96 : 0, false);
        const size_t first = block.base.is_v4 ? 96 : 0;
        for (size_t i = first; i < first + static_cast<size_t>(block.prefix); ++i)
            bits.push_back((block.base.bytes[i / 8] >> (7 - i % 8) & 1) != 0);
        size_t node = 0;
        for (size_t i = 0; i + 1 < bits.size(); ++i) {
            int64_t& child = bits[i] ? nodes_[node].right : nodes_[node].left;
            const size_t next = child > 0 ? static_cast<size_t>(child) : nodes_.size();
            child = static_cast<int64_t>(next);
            if (next == nodes_.size()) nodes_.emplace_back();
            node = next;
        }
        (bits.back() ? nodes_[node].right : nodes_[node].left) =
            -1 - static_cast<int64_t>(data_.size());
        data_ += value;
    }

    std::string bytes(std::string_view type, uint64_t built = 1'790'000'000) const {
        std::string out;
        for (const Node& node : nodes_) out += pair(number(node.left), number(node.right));
        out += std::string(16, '\0') + data_ + "\xab\xcd\xefMaxMind.com";
        return out + metadata(type, built);
    }

  private:
    struct Node {
        int64_t left = 0, right = 0;  // 0: nothing; above: a node; below: -1 - offset of a value
    };

    uint64_t number(int64_t child) const {
        if (child > 0) return static_cast<uint64_t>(child);
        const uint64_t none = nodes_.size();
        return child == 0 ? none : none + 16 + static_cast<uint64_t>(-1 - child);
    }
    std::string pair(uint64_t left, uint64_t right) const {
        if (record_bits_ != 28)
            return big_endian(left, static_cast<size_t>(record_bits_) / 8) +
                   big_endian(right, static_cast<size_t>(record_bits_) / 8);
        return big_endian(left & 0xFFFFFF, 3) + static_cast<char>((left >> 24) << 4 | right >> 24) +
               big_endian(right & 0xFFFFFF, 3);
    }
    std::string metadata(std::string_view type, uint64_t built) const;

    int record_bits_, family_;
    std::vector<Node> nodes_;
    std::string data_;
};

inline std::string text(std::string_view text) {
    return MmdbWriter::control(2, text.size()) + std::string(text);
}
inline std::string uint16(uint64_t value) {
    return MmdbWriter::control(5, 2) + MmdbWriter::big_endian(value, 2);
}
inline std::string uint32(uint64_t value) {
    return MmdbWriter::control(6, 4) + MmdbWriter::big_endian(value, 4);
}
inline std::string uint64(uint64_t value) {
    return MmdbWriter::control(9, 8) + MmdbWriter::big_endian(value, 8);
}
inline std::string map(std::initializer_list<std::pair<std::string_view, std::string>> members) {
    std::string out = MmdbWriter::control(7, members.size());
    for (const auto& [key, value] : members) out += text(key) + value;
    return out;
}
inline std::string list(std::initializer_list<std::string> items) {
    std::string out = MmdbWriter::control(11, items.size());
    for (const std::string& item : items) out += item;
    return out;
}
// To a value that was written at `offset` of all values.
inline std::string pointer(uint32_t offset) {
    return std::string("\x38", 1) + MmdbWriter::big_endian(offset, 4);
}

inline std::string MmdbWriter::metadata(std::string_view type, uint64_t built) const {
    return map({{"node_count", uint32(nodes_.size())},
                {"record_size", uint16(static_cast<uint64_t>(record_bits_))},
                {"ip_version", uint16(static_cast<uint64_t>(family_))},
                {"database_type", text(type)},
                {"languages", list({text("en"), text("ja")})},
                {"binary_format_major_version", uint16(2)},
                {"binary_format_minor_version", uint16(0)},
                {"build_epoch", uint64(built)},
                {"description", map({{"en", text("made for a test")}})}});
}

// What publishers write of a place and of a network.
inline std::string place_record(std::string_view code,
                                std::string_view english,
                                std::string_view japanese,
                                std::string_view city) {
    const std::string country =
        map({{"iso_code", text(code)},
             {"names", map({{"en", text(english)}, {"ja", text(japanese)}})}});
    if (city.empty()) return map({{"country", country}});
    return map({{"city", map({{"names", map({{"en", text(city)}})}})}, {"country", country}});
}
inline std::string network_record(uint32_t number, std::string_view organisation) {
    return map({{"autonomous_system_number", uint32(number)},
                {"autonomous_system_organization", text(organisation)}});
}

}  // namespace yagura::enrich
