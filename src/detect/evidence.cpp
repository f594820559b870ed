#include "detect/evidence.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "base/messages/detect.h"

namespace yagura::detect {
namespace {

constexpr uint32_t kAbsent = UINT32_MAX;

void put(std::string& out, const void* data, size_t size) {
    out.append(static_cast<const char*>(data), size);
}

template <class Number>
void put_number(std::string& out, Number number) {
    put(out, &number, sizeof number);
}

void put_text(std::string& out, std::string_view text) {
    text = text.substr(0, EvidenceLog::kMaxText);
    put_number(out, static_cast<uint32_t>(text.size()));
    out += text;
}

// Reads what put() wrote. Our own bytes, but from a file: everything is checked all the same.
class Reader {
  public:
    explicit Reader(std::string_view bytes) : bytes_(bytes) {}

    template <class Number>
    Number number() {
        Number number{};
        if (bytes_.size() < sizeof number) {
            ok_ = false;
            return number;
        }
        std::memcpy(&number, bytes_.data(), sizeof number);
        bytes_.remove_prefix(sizeof number);
        return number;
    }
    std::optional<std::string> text() {
        const auto size = number<uint32_t>();
        if (size == kAbsent) return std::nullopt;
        if (size > bytes_.size()) {
            ok_ = false;
            return std::nullopt;
        }
        std::string text(bytes_.substr(0, size));
        bytes_.remove_prefix(size);
        return text;
    }
    bool ok() const { return ok_; }

  private:
    std::string_view bytes_;
    bool ok_ = true;
};

uint8_t index_of(const logtype::LogType* type) {
    const auto all = logtype::all();
    const auto at = std::find(all.begin(), all.end(), type);
    return static_cast<uint8_t>(at == all.end() ? 0 : at - all.begin());
}

void encode(std::string& out, const finding::ToldEvent& event, std::span<const Key> keys) {
    put_number(out, event.time);
    put_number(out, event.ordinal);
    put_number(out, index_of(event.type));
    put_text(out, event.object);
    for (const std::string_view part : event.parts) put_text(out, part);
    put_number(out, static_cast<uint16_t>(keys.size()));
    for (const Key& key : keys) {
        put_number(out, static_cast<uint16_t>(key.size()));
        for (const auto& value : key) {
            if (value) {
                put_text(out, *value);
            } else {
                put_number(out, kAbsent);
            }
        }
    }
}

std::optional<Evidence> decode(std::string_view bytes) {
    Reader reader(bytes);
    Evidence evidence;
    evidence.time = reader.number<int64_t>();
    evidence.ordinal = reader.number<uint64_t>();
    const auto type = reader.number<uint8_t>();
    if (type >= logtype::all().size()) return std::nullopt;
    evidence.type = logtype::all()[type];
    evidence.object = reader.text().value_or("");
    for (std::string& part : evidence.parts) part = reader.text().value_or("");
    evidence.keys.resize(reader.ok() ? reader.number<uint16_t>() : 0);
    for (Key& key : evidence.keys) {
        key.resize(reader.ok() ? reader.number<uint16_t>() : 0);
        for (auto& value : key) value = reader.text();
        if (!reader.ok()) break;
    }
    if (!reader.ok()) return std::nullopt;
    return evidence;
}

Error failure(int error) {
    return Error(Code::io, say(message::detect_temporary_file, std::strerror(error)));
}

}  // namespace

Result<TemporaryFile> TemporaryFile::make() {
    const char* folder = std::getenv("TMPDIR");
    std::string path = folder && *folder ? folder : "/tmp";
    path += "/yagura-XXXXXX";
    const int descriptor = ::mkostemp(path.data(), O_CLOEXEC);
    if (descriptor < 0) return failure(errno);
    ::unlink(path.c_str());
    return TemporaryFile(descriptor);
}

TemporaryFile::TemporaryFile(TemporaryFile&& other) noexcept
    : descriptor_(std::exchange(other.descriptor_, -1)) {}

TemporaryFile::~TemporaryFile() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

Result<void> TemporaryFile::write(uint64_t offset, const void* data, size_t size) {
    const char* at = static_cast<const char*>(data);
    while (size > 0) {
        const ssize_t written = ::pwrite(descriptor_, at, size, static_cast<off_t>(offset));
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) return failure(errno);
        at += written;
        offset += static_cast<uint64_t>(written);
        size -= static_cast<size_t>(written);
    }
    return {};
}

Result<void> TemporaryFile::read(uint64_t offset, void* data, size_t size) const {
    char* at = static_cast<char*>(data);
    while (size > 0) {
        const ssize_t got = ::pread(descriptor_, at, size, static_cast<off_t>(offset));
        if (got < 0 && errno == EINTR) continue;
        if (got <= 0) return failure(got < 0 ? errno : EIO);
        at += got;
        offset += static_cast<uint64_t>(got);
        size -= static_cast<size_t>(got);
    }
    return {};
}

void TemporaryFile::forget(uint64_t offset, uint64_t size) {
    // A file system that cannot do this keeps the bytes: a matter of space, not of correctness.
    [[maybe_unused]] const int ignored = ::fallocate(descriptor_,
                                                     FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE,
                                                     static_cast<off_t>(offset),
                                                     static_cast<off_t>(size));
}

finding::ToldEvent Evidence::told() const {
    finding::ToldEvent told{
        .time = time, .ordinal = ordinal, .type = type, .object = object, .parts = {}};
    for (size_t i = 0; i < parts.size(); ++i) told.parts[i] = parts[i];
    return told;
}

// A record is its size and its bytes, whole inside one block.
uint64_t EvidenceLog::append(const finding::ToldEvent& event, std::span<const Key> keys) {
    text_.assign(sizeof(uint32_t), '\0');
    encode(text_, event, keys);
    const auto size = static_cast<uint32_t>(text_.size());
    std::memcpy(text_.data(), &size, sizeof size);
    if (blocks_.empty() || blocks_.back().size + text_.size() > kBlock) begin_block(text_.size());
    Block& block = blocks_.back();
    std::memcpy(block.bytes.get() + block.size, text_.data(), text_.size());
    const uint64_t place = block.start + block.size;
    block.size += size;
    end_ = block.start + block.size;
    return place;
}

// Blocks lie kBlock apart, wider ones as far as they need, so a place is an offset in the file too.
void EvidenceLog::begin_block(size_t size) {
    if ((in_memory_ + 1) * kBlock > memory_bytes_ && in_memory_ > 0) spill();
    const size_t wide = std::max(kBlock, size);
    uint64_t start = 0;
    if (!blocks_.empty()) {
        const Block& last = blocks_.back();
        start = last.start + std::max<uint64_t>(kBlock, last.size);
    } else {
        start = end_;
    }
    blocks_.push_back({std::make_unique_for_overwrite<char[]>(wide), start, 0});
    ++in_memory_;
}

void EvidenceLog::spill() {
    if (!file_ && !error_) {
        if (auto made = TemporaryFile::make()) {
            file_.emplace(std::move(*made));
        } else {
            error_ = made.error();
        }
    }
    Block& block = blocks_[blocks_.size() - in_memory_];
    if (file_) {
        auto written = file_->write(block.start, block.bytes.get(), block.size);
        if (!written && !error_) error_ = written.error();
    }
    block.bytes.reset();
    --in_memory_;
}

const EvidenceLog::Block* EvidenceLog::block_of(uint64_t place) const {
    const auto after =
        std::upper_bound(blocks_.begin(), blocks_.end(), place, [](uint64_t at, const Block& b) {
            return at < b.start;
        });
    if (after == blocks_.begin()) return nullptr;
    const Block& block = *std::prev(after);
    return place - block.start + sizeof(uint32_t) <= block.size ? &block : nullptr;
}

Result<Evidence> EvidenceLog::read(uint64_t place) const {
    const auto gone = [] { return fail(Code::corrupt, say(message::detect_evidence_gone)); };
    const Block* block = block_of(place);
    if (!block || (!block->bytes && !file_)) return gone();
    const uint64_t at = place - block->start;
    uint32_t size = 0;
    std::string bytes;
    if (block->bytes) {
        std::memcpy(&size, block->bytes.get() + at, sizeof size);
    } else {
        YAGURA_CHECK(file_->read(place, &size, sizeof size));
    }
    if (size < sizeof size || at + size > block->size) return gone();
    bytes.resize(size);
    if (block->bytes) {
        std::memcpy(bytes.data(), block->bytes.get() + at, size);
    } else {
        YAGURA_CHECK(file_->read(place, bytes.data(), size));
    }
    auto evidence = decode(std::string_view(bytes).substr(sizeof size));
    if (!evidence) return gone();
    return std::move(*evidence);
}

void EvidenceLog::forget_before(uint64_t place) {
    while (blocks_.size() > 1 && blocks_[1].start <= place) {
        const Block& block = blocks_.front();
        if (block.bytes) {
            --in_memory_;
        } else if (file_) {
            file_->forget(block.start, block.size);
        }
        blocks_.pop_front();
    }
}

}  // namespace yagura::detect
