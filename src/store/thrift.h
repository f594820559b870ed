// Writes Thrift's compact protocol, as far as Parquet's metadata needs it.
// https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace yagura::store {

class ThriftWriter {
  public:
    // Fields of a struct must be written in ascending order of id.
    void i32(int16_t id, int32_t value) { integer(id, 5, value); }
    void i64(int16_t id, int64_t value) { integer(id, 6, value); }
    void boolean(int16_t id, bool value) { field(id, value ? 1 : 2); }
    void text(int16_t id, std::string_view value) {
        field(id, 8);
        raw_text(value);
    }
    void begin_struct(int16_t id) {
        field(id, 12);
        open();
    }
    void begin_list(int16_t id, uint8_t element, size_t count) {
        field(id, 9);
        if (count < 15) {
            out_ += static_cast<char>(count << 4 | element);
        } else {
            out_ += static_cast<char>(0xF0 | element);
            varint(count);
        }
    }
    // Elements of lists carry no field header.
    void element_i32(int32_t value) { varint(zigzag(value)); }
    void element_text(std::string_view value) { raw_text(value); }
    void begin_element() { open(); }
    void end() {
        out_ += '\0';
        last_.pop_back();
    }

    static constexpr uint8_t kI32 = 5, kBinary = 8, kStruct = 12;

    ThriftWriter() { open(); }  // the outermost struct
    const std::string& bytes() const { return out_; }

    static uint64_t zigzag(int64_t value) {
        return static_cast<uint64_t>(value) << 1 ^ static_cast<uint64_t>(value >> 63);
    }

  private:
    void open() { last_.push_back(0); }
    void field(int16_t id, uint8_t type) {
        const int delta = id - last_.back();
        if (delta > 0 && delta <= 15) {
            out_ += static_cast<char>(delta << 4 | type);
        } else {
            out_ += static_cast<char>(type);
            varint(zigzag(id));
        }
        last_.back() = id;
    }
    void integer(int16_t id, uint8_t type, int64_t value) {
        field(id, type);
        varint(zigzag(value));
    }
    void raw_text(std::string_view value) {
        varint(value.size());
        out_ += value;
    }
    void varint(uint64_t value) {
        for (; value >= 0x80; value >>= 7) out_ += static_cast<char>(value | 0x80);
        out_ += static_cast<char>(value);
    }

    std::string out_;
    std::vector<int16_t> last_;
};

}  // namespace yagura::store
