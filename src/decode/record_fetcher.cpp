#include "decode/record_fetcher.h"

#include <algorithm>
#include <map>

#include "base/messages/source.h"

namespace yagura::decode {

// Keeps the text of wanted records, and of all records while they fit into the cache.
class RecordFetcher::Capture : public RecordSink {
  public:
    Capture(std::span<const uint64_t> wanted, size_t cache_bytes) : cache_bytes_(cache_bytes) {
        for (const uint64_t ordinal : wanted) found_[ordinal];
        missing_ = found_.size();
    }

    std::optional<Fault> json(event::JsonDocument& document,
                              uint32_t& at,
                              const RecordOrigin& origin) override {
        event::ValueView value;
        uint32_t end = at;
        if (const auto fault = document.read(end, value)) return fault;
        at = end;
        add(origin.ordinal, value.text());
        return std::nullopt;
    }

    std::optional<Fault> line(std::string_view line, const RecordOrigin& origin) override {
        add(origin.ordinal, line);
        return std::nullopt;
    }

    void fault(const Fault&, const RecordOrigin& origin, std::string_view) override {
        if (origin.ordinal == kNoOrdinal) return;
        if (found_.contains(origin.ordinal)) --missing_;
        if (!fits_) return;
        all_.ends.push_back(all_.text.size());
        all_.present.push_back(false);
    }

    bool stop() const override { return !fits_ && missing_ == 0; }

    // Null when the object's records do not fit into the cache.
    Cached* all() { return fits_ ? &all_ : nullptr; }
    const std::optional<std::string>& found(uint64_t ordinal) { return found_[ordinal]; }

  private:
    void add(uint64_t ordinal, std::string_view text) {
        if (const auto wanted = found_.find(ordinal); wanted != found_.end()) {
            wanted->second = text;
            --missing_;
        }
        if (!fits_) return;
        if (all_.bytes() + text.size() + sizeof(uint64_t) > cache_bytes_) {
            fits_ = false;
            all_ = {};
            return;
        }
        all_.text.append(text);
        all_.ends.push_back(all_.text.size());
        all_.present.push_back(true);
    }

    size_t cache_bytes_;
    bool fits_ = true;
    Cached all_{};
    std::map<uint64_t, std::optional<std::string>> found_;
    size_t missing_ = 0;
};

void RecordFetcher::keep(Cached entry) {
    used_bytes_ += entry.bytes();
    cached_.push_front(std::move(entry));
    while (used_bytes_ > cache_bytes_) {
        used_bytes_ -= cached_.back().bytes();
        cached_.pop_back();
    }
}

Result<std::vector<std::optional<std::string>>> RecordFetcher::fetch(
    const std::string& path, std::span<const uint64_t> ordinals) {
    const std::string paths[] = {path};
    YAGURA_TRY(const auto listing, source::list_objects(paths));
    if (listing.objects.size() != 1) {
        return fail(Code::not_found, say(message::not_a_file, path));
    }
    const source::Object& object = listing.objects[0];
    std::vector<std::optional<std::string>> out(ordinals.size());
    auto entry = std::find_if(
        cached_.begin(), cached_.end(), [&](const Cached& one) { return one.path == object.path; });
    if (entry != cached_.end() &&
        (entry->size != object.size || entry->modified != object.modified)) {
        used_bytes_ -= entry->bytes();
        cached_.erase(entry);
        entry = cached_.end();
    }
    if (entry == cached_.end()) {
        Capture capture(ordinals, cache_bytes_);
        YAGURA_TRY([[maybe_unused]] const auto stats, reader_.read(object, capture));
        for (size_t i = 0; i < ordinals.size(); ++i) out[i] = capture.found(ordinals[i]);
        if (Cached* all = capture.all()) {
            all->path = object.path;
            all->size = object.size;
            all->modified = object.modified;
            keep(std::move(*all));
        }
        return out;
    }
    cached_.splice(cached_.begin(), cached_, entry);
    for (size_t i = 0; i < ordinals.size(); ++i) {
        const uint64_t ordinal = ordinals[i];
        if (ordinal >= entry->ends.size() || !entry->present[ordinal]) continue;
        const uint64_t start = ordinal == 0 ? 0 : entry->ends[ordinal - 1];
        out[i] = entry->text.substr(start, entry->ends[ordinal] - start);
    }
    return out;
}

}  // namespace yagura::decode
