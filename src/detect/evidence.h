// What a person will want to read about events that may become evidence, kept until it is known.
//
//   EvidenceLog log;
//   const uint64_t place = log.append(event, keys);   // one thread
//   YAGURA_TRY(Evidence back, log.read(place));       // any thread, when nobody appends
//
// Most events that a correlation counts are never shown, so they are kept as bytes: in memory up to
// a bound, then in a temporary file that has no name. Neighbouring events agree in most of their
// texts, so a text stands in its block once for as long as it stays the same: three quarters of the
// bytes are not written. Texts longer than kMaxText are cut. What an event was done to is kept as a
// note (finding/resource_notes.h), and read when the event is told.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/large_memory.h"
#include "base/result.h"
#include "finding/hit.h"
#include "finding/resource_notes.h"

namespace yagura::detect {

// An unlinked file in the folder for temporary files; gone with the process.
class TemporaryFile {
  public:
    static Result<TemporaryFile> make();
    TemporaryFile(TemporaryFile&& other) noexcept;
    TemporaryFile& operator=(TemporaryFile&&) = delete;
    ~TemporaryFile();

    Result<void> write(uint64_t offset, const void* data, size_t size);
    Result<void> read(uint64_t offset, void* data, size_t size) const;
    void forget(uint64_t offset, uint64_t size);  // gives the space back; never read again

  private:
    explicit TemporaryFile(int descriptor) : descriptor_(descriptor) {}
    int descriptor_;
};

// A group key: one value for each name, absent where the event had none.
using Key = std::vector<std::optional<std::string>>;
// The same, on its way into the log. Points to texts of the event.
using KeyView = std::span<const std::optional<std::string_view>>;

struct Evidence {
    int64_t time = 0;  // microseconds
    uint64_t ordinal = 0;
    const logtype::LogType* type = nullptr;
    std::string object;
    std::array<std::string, finding::kParts> parts;
    std::string resource_note;
    std::vector<Key> keys;  // Signal::key points into these

    const std::string& part(finding::Part which) const { return parts[static_cast<size_t>(which)]; }
    // Points into this evidence.
    finding::ToldEvent told() const;
};

class EvidenceLog {
  public:
    static constexpr size_t kMemory = 64 << 20;
    static constexpr size_t kMaxText = 4096;

    explicit EvidenceLog(size_t memory_bytes = kMemory) : memory_bytes_(memory_bytes) {}

    uint64_t append(const finding::ToldEvent& event, std::span<const KeyView> keys);
    Result<Evidence> read(uint64_t place) const;
    // Only its time, its log type, its note and these of its parts.
    Result<Evidence> read_parts(uint64_t place, std::span<const finding::Part> wanted) const;
    uint64_t end() const { return end_; }
    // What was appended before `place` is not read any more.
    void forget_before(uint64_t place);
    // The first failure to write; what was lost with it cannot be read.
    const std::optional<Error>& error() const { return error_; }

  private:
    static constexpr size_t kBlock = 256 << 10;
    static constexpr size_t kSlab = kHugePage / kBlock;
    struct Block {
        char* bytes = nullptr;  // null: in the file
        uint64_t start = 0;
        uint32_t size = 0;
        std::unique_ptr<char[]> wide;  // its own memory, of a record larger than kBlock
    };
    // A text of the current block.
    struct Kept {
        uint32_t at = 0;
        uint32_t size = 0;
    };
    // The parts, then:
    static constexpr size_t kObject = finding::kParts;
    static constexpr size_t kNote = kObject + 1;
    static constexpr size_t kTexts = kNote + 1;
    using Refs = std::array<uint32_t, kTexts>;
    // What a record begins with.
    struct Front {
        Evidence evidence;  // without texts
        Refs refs;
        uint64_t keys_at = 0;  // in the block
        size_t keys_size = 0;  // bytes
    };

    void make_room(size_t size);
    void begin_block(size_t size);
    char* take_memory();
    void release(Block& block);
    void spill();
    const Block* block_of(uint64_t place) const;
    uint32_t keep(std::string_view text);
    uint32_t keep(size_t column, std::string_view text);
    uint32_t keep_value(const finding::ToldEvent& event, const Refs& refs, std::string_view value);
    Result<void> copy(const Block& block, uint64_t at, void* to, size_t size) const;
    Result<Front> read_front(const Block& block, uint64_t at) const;
    Result<std::string> text_of(const Block& block, const Refs& refs, size_t column) const;
    Result<std::string> text_at(const Block& block, uint32_t ref, size_t most) const;
    Result<void> read_keys(const Block& block,
                           std::span<const uint32_t> words,
                           Evidence& evidence) const;

    size_t memory_bytes_;
    std::vector<LargeBytes> slabs_;  // each the memory of kSlab blocks
    std::vector<char*> unused_;      // in slabs_, for a block each
    std::deque<Block> blocks_;
    size_t in_memory_ = 0;  // the last so many blocks
    uint64_t end_ = 0;
    std::optional<TemporaryFile> file_;
    std::optional<Error> error_;
    std::array<Kept, kTexts> latest_{};       // of each column, in the last block
    std::vector<uint32_t> words_;             // reused
    const logtype::LogType* type_ = nullptr;  // of the last event, and
    uint32_t type_index_ = 0;
};

}  // namespace yagura::detect
