// The stored bytes of one object, in order.
//
//   YAGURA_TRY(auto input, Input::open(object));
//   YAGURA_TRY(auto bytes, input.load(32 << 20));     // all of a small object, with no second copy
//   if (!input.is_whole()) { ...input.read(buffer, size) until it returns 0... }
//
// Plain reads, no memory mapping: a file cut short by somebody else must not kill us (SIGBUS).
// Not thread-safe; belongs to one worker.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/result.h"
#include "source/object.h"

namespace yagura::source {

// What an input holds of a file that is read as it grows: the bytes from `offset` to `end`.
struct Part {
    uint64_t offset = 0;
    uint64_t end = 0;
    Sha256 content{};         // of all bytes before `end`
    bool has_header = false;  // the file's header line stands before them once more
    bool is_closed = false;   // by its writer, and this is all there is
};

class Input {
  public:
    static Result<Input> open(const Object& object);

    // Bytes that are already here (a pushed batch, a test); copied.
    static Input of_bytes(std::string_view bytes, std::string name);
    static Input of_part(std::string_view bytes, std::string name, const Part& part);
    // The first `part.end` bytes of the file, part.offset being 0.
    static Result<Input> open_part(const std::string& path, const Part& part);

    Input(Input&&) noexcept;
    Input& operator=(Input&&) noexcept;
    ~Input();

    static constexpr size_t kMaxLoaded = size_t{32} << 20;

    const Object& object() const { return object_; }
    // Set when this is a part of a growing file.
    const std::optional<Part>& part() const { return part_; }

    // Reads and keeps up to `limit` bytes from the start. They stay valid until read()
    // has passed them, those of a whole object as long as the Input, and
    // are followed by 64 zero bytes. Call it before read(); a second call returns the same bytes.
    Result<std::string_view> load(size_t limit = kMaxLoaded);

    // load() reached the end: there is no more than what it returned.
    bool is_whole() const { return whole_; }

    // Up to `size` next bytes, the loaded ones first; 0 only at the end.
    Result<size_t> read(char* out, size_t size);

    // SHA-256 of all stored bytes, remembered. Loads a file that is small enough, so that it is
    // read once; leaves the position alone. A stream must have been loaded whole, or kept; a larger
    // one is Code::unsupported, since it cannot be read twice.
    Result<Sha256> content_id();
    // The same of the first `size` bytes; nullopt when there are fewer.
    Result<std::optional<Sha256>> content_id_of_first(uint64_t size);

    // Makes a stream that is too large to be loaded readable as often as a file: what comes of it
    // goes to a file without a name in `folder`, which is gone when this input is. Others stay as
    // they are. Call it before read().
    Result<void> keep_stream(const std::filesystem::path& folder);

    // The same bytes from their start, also when this has been read; not of a stream that is not
    // kept.
    Result<Input> reopen() const;

    uint64_t bytes_read() const { return bytes_read_; }

  private:
    Input() = default;
    Result<void> load_to_hash();
    Result<size_t> read_file(char* out, size_t size);
    Result<void> copy_to(int file);

    Object object_;
    std::optional<Part> part_;
    int file_ = -1;
    bool owns_file_ = false;
    bool is_kept_ = false;  // a stream's bytes are in file_, to be read from any place
    bool whole_ = false;
    std::unique_ptr<char[]> loaded_;
    size_t loaded_size_ = 0;
    size_t loaded_at_ = 0;
    uint64_t bytes_read_ = 0;
    std::optional<Sha256> content_;
};

// Why, in the system's words, open(), load() or read() of `path` failed; else the error's sentence.
std::string reason_of(const Error& error, std::string_view path);

}  // namespace yagura::source
