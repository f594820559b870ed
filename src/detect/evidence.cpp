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
#include "base/same.h"
#include "base/system_reason.h"

namespace yagura::detect {
namespace {

constexpr uint32_t kAbsent = UINT32_MAX;

// What stands before the references of a record. A reference is the place of a text in the block
// plus one, 0 the empty text.
struct Head {
    uint32_t size = 0;  // of the record, bytes
    uint32_t type = 0;  // index into logtype::all()
    int64_t time = 0;
    uint64_t ordinal = 0;
};

uint32_t index_of(const logtype::LogType* type) {
    const auto all = logtype::all();
    const auto at = std::find(all.begin(), all.end(), type);
    return static_cast<uint32_t>(at == all.end() ? 0 : at - all.begin());
}

std::string_view cut(std::string_view text) {
    return text.substr(0, EvidenceLog::kMaxText);
}

// Half a note is none.
std::string_view whole_note(std::string_view note) {
    return note.size() <= finding::ResourceNotes::kMaxNote ? note : std::string_view();
}

Error gone() {
    return Error(Code::corrupt, say(message::detect_evidence_gone));
}

Error failure(int error) {
    return Error(Code::io, say(message::detect_temporary_file, system_reason(error)));
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
    finding::ToldEvent told{.time = time,
                            .ordinal = ordinal,
                            .type = type,
                            .object = object,
                            .parts = {},
                            .resource_note = resource_note};
    for (size_t i = 0; i < parts.size(); ++i) told.parts[i] = parts[i];
    return told;
}

// Where `text` stands in the block from now on. There is room.
uint32_t EvidenceLog::keep(std::string_view text) {
    Block& block = blocks_.back();
    const auto size = static_cast<uint32_t>(text.size());
    const uint32_t at = block.size;
    std::memcpy(block.bytes + at, &size, sizeof size);
    std::memcpy(block.bytes + at + sizeof size, text.data(), size);
    block.size += static_cast<uint32_t>(sizeof size) + size;
    return at + 1;
}

// As above, nothing new when it is the text that this column had last.
uint32_t EvidenceLog::keep(size_t column, std::string_view text) {
    if (text.empty()) return 0;
    Kept& latest = latest_[column];
    const char* const bytes = blocks_.back().bytes + latest.at + sizeof(uint32_t);
    if (is_same({bytes, latest.size}, text)) return latest.at + 1;
    const uint32_t ref = keep(text);
    latest = {ref - 1, static_cast<uint32_t>(text.size())};
    return ref;
}

// Values of group keys are mostly parts of the event: the very same bytes.
uint32_t EvidenceLog::keep_value(const finding::ToldEvent& event,
                                 const Refs& refs,
                                 std::string_view value) {
    if (value.empty()) return 0;
    for (size_t i = 0; i < finding::kParts; ++i) {
        const std::string_view part = event.parts[i];
        if (part.data() == value.data() && part.size() == value.size()) return refs[i];
    }
    return keep(cut(value));
}

// A record is its head, its references and, for each key, how many values and their references. Its
// texts stand before it in the same block.
uint64_t EvidenceLog::append(const finding::ToldEvent& event, std::span<const KeyView> keys) {
    const std::string_view note = whole_note(event.resource_note);
    size_t room = sizeof(Head) + sizeof(Refs) + 2 * sizeof(uint32_t);
    room += cut(event.object).size() + note.size();
    for (const std::string_view part : event.parts) room += cut(part).size() + sizeof(uint32_t);
    for (const KeyView key : keys) {
        room += sizeof(uint32_t);
        for (const auto& value : key)
            room += (value ? cut(*value).size() : 0) + 2 * sizeof(uint32_t);
    }
    make_room(room);

    Refs refs;
    for (size_t i = 0; i < finding::kParts; ++i) refs[i] = keep(i, cut(event.parts[i]));
    refs[kObject] = keep(kObject, cut(event.object));
    refs[kNote] = keep(kNote, note);
    words_.clear();
    for (const KeyView key : keys) {
        words_.push_back(static_cast<uint32_t>(key.size()));
        for (const auto& value : key)
            words_.push_back(value ? keep_value(event, refs, *value) : kAbsent);
    }
    if (event.type != type_) type_index_ = index_of(event.type);
    type_ = event.type;
    const size_t words = words_.size() * sizeof(uint32_t);
    const Head head{.size = static_cast<uint32_t>(sizeof head + sizeof refs + words),
                    .type = type_index_,
                    .time = event.time,
                    .ordinal = event.ordinal};
    Block& block = blocks_.back();
    char* const to = block.bytes + block.size;
    std::memcpy(to, &head, sizeof head);
    std::memcpy(to + sizeof head, refs.data(), sizeof refs);
    if (words != 0) std::memcpy(to + sizeof head + sizeof refs, words_.data(), words);
    const uint64_t place = block.start + block.size;
    block.size += head.size;
    end_ = block.start + block.size;
    return place;
}

void EvidenceLog::make_room(size_t size) {
    if (blocks_.empty() || blocks_.back().size + size > kBlock) begin_block(size);
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
    Block& block = blocks_.emplace_back();
    block.start = start;
    if (wide > kBlock) {
        block.wide = std::make_unique_for_overwrite<char[]>(wide);
        block.bytes = block.wide.get();
    } else {
        block.bytes = take_memory();
    }
    ++in_memory_;
    latest_ = {};
}

// Memory of one block; what blocks before it had, before any that has not been touched yet.
char* EvidenceLog::take_memory() {
    if (unused_.empty()) {
        slabs_.push_back(make_large_bytes(kSlab * kBlock));
        for (size_t i = kSlab; i-- > 0;) unused_.push_back(slabs_.back().get() + i * kBlock);
    }
    char* const memory = unused_.back();
    unused_.pop_back();
    return memory;
}

void EvidenceLog::release(Block& block) {
    if (!block.wide) unused_.push_back(block.bytes);
    block.wide.reset();
    block.bytes = nullptr;
    --in_memory_;
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
        auto written = file_->write(block.start, block.bytes, block.size);
        if (!written && !error_) error_ = written.error();
    }
    release(block);
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

// Our own bytes, but perhaps from a file: everything is checked all the same.
Result<void> EvidenceLog::copy(const Block& block, uint64_t at, void* to, size_t size) const {
    const bool inside = at <= block.size && size <= block.size - at;
    if (!inside || (!block.bytes && !file_)) return gone();
    if (!block.bytes) return file_->read(block.start + at, to, size);
    if (size != 0) std::memcpy(to, block.bytes + at, size);
    return {};
}

Result<std::string> EvidenceLog::text_at(const Block& block, uint32_t ref, size_t most) const {
    std::string text;
    if (ref == 0) return text;
    uint32_t size = 0;
    YAGURA_CHECK(copy(block, ref - 1, &size, sizeof size));
    text.resize(std::min<size_t>(size, most));
    YAGURA_CHECK(copy(block, ref - 1 + sizeof size, text.data(), text.size()));
    return text;
}

Result<std::string> EvidenceLog::text_of(const Block& block,
                                         const Refs& refs,
                                         size_t column) const {
    const size_t most = column == kNote ? finding::ResourceNotes::kMaxNote : kMaxText;
    return text_at(block, refs[column], most);
}

Result<void> EvidenceLog::read_keys(const Block& block,
                                    std::span<const uint32_t> words,
                                    Evidence& evidence) const {
    for (size_t at = 0; at < words.size();) {
        const size_t end = std::min<size_t>(words.size(), at + 1 + words[at]);
        Key& key = evidence.keys.emplace_back();
        for (++at; at < end; ++at) {
            auto& value = key.emplace_back();
            if (words[at] == kAbsent) continue;
            YAGURA_TRY(value, text_at(block, words[at], kMaxText));
        }
    }
    return {};
}

Result<EvidenceLog::Front> EvidenceLog::read_front(const Block& block, uint64_t at) const {
    Front front;
    Head head;
    YAGURA_CHECK(copy(block, at, &head, sizeof head));
    YAGURA_CHECK(copy(block, at + sizeof head, front.refs.data(), sizeof front.refs));
    constexpr size_t kSize = sizeof head + sizeof front.refs;
    const bool fits = head.size >= kSize && head.size <= block.size;
    if (!fits || head.type >= logtype::all().size()) return gone();
    front.evidence.time = head.time;
    front.evidence.ordinal = head.ordinal;
    front.evidence.type = logtype::all()[head.type];
    front.keys_at = at + kSize;
    front.keys_size = head.size - kSize;
    return front;
}

Result<Evidence> EvidenceLog::read(uint64_t place) const {
    const Block* block = block_of(place);
    if (!block) return gone();
    // A record's texts stand anywhere in its block: one read of all of it is less than two of each.
    Block loaded;
    if (!block->bytes && file_) {
        loaded.wide = std::make_unique_for_overwrite<char[]>(block->size);
        loaded.bytes = loaded.wide.get();
        loaded.start = block->start;
        loaded.size = block->size;
        YAGURA_CHECK(file_->read(loaded.start, loaded.bytes, loaded.size));
        block = &loaded;
    }
    YAGURA_TRY(Front front, read_front(*block, place - block->start));
    Evidence& evidence = front.evidence;
    for (size_t i = 0; i < finding::kParts; ++i) {
        YAGURA_TRY(evidence.parts[i], text_of(*block, front.refs, i));
    }
    YAGURA_TRY(evidence.object, text_of(*block, front.refs, kObject));
    YAGURA_TRY(evidence.resource_note, text_of(*block, front.refs, kNote));
    std::vector<uint32_t> words(front.keys_size / sizeof(uint32_t));
    YAGURA_CHECK(copy(*block, front.keys_at, words.data(), words.size() * sizeof(uint32_t)));
    YAGURA_CHECK(read_keys(*block, words, evidence));
    return std::move(evidence);
}

Result<Evidence> EvidenceLog::read_parts(uint64_t place,
                                         std::span<const finding::Part> wanted) const {
    const Block* block = block_of(place);
    if (!block) return gone();
    YAGURA_TRY(Front front, read_front(*block, place - block->start));
    for (const finding::Part part : wanted) {
        const auto i = static_cast<size_t>(part);
        YAGURA_TRY(front.evidence.parts[i], text_of(*block, front.refs, i));
    }
    YAGURA_TRY(front.evidence.resource_note, text_of(*block, front.refs, kNote));
    return std::move(front.evidence);
}

void EvidenceLog::forget_before(uint64_t place) {
    while (blocks_.size() > 1 && blocks_[1].start <= place) {
        Block& block = blocks_.front();
        if (block.bytes) {
            release(block);
        } else if (file_) {
            file_->forget(block.start, block.size);
        }
        blocks_.pop_front();
    }
}

}  // namespace yagura::detect
