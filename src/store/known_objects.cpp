#include "store/known_objects.h"

#include <cstring>
#include <utility>

namespace yagura::store {
namespace {

// Reading a row takes about a sixteenth of a question, and memory is bounded.
constexpr uint64_t kRowsPerQuestion = 16;
constexpr uint64_t kMostKnown = 2'000'000;

// A digest is a hash already.
uint64_t key_of(const Sha256& content) {
    uint64_t key;
    std::memcpy(&key, content.data(), sizeof key);
    return key;
}

}  // namespace

KnownObjects::KnownObjects(uint64_t in_ledger, ReadAll read_all)
    : in_ledger_(in_ledger), read_all_(std::move(read_all)) {}

Result<bool> KnownObjects::may_have_path(std::string_view path) {
    return may_have(hash64(path));
}

Result<bool> KnownObjects::may_have_content(const Sha256& content) {
    return may_have(key_of(content));
}

Result<bool> KnownObjects::may_have(uint64_t key) {
    if (!is_loaded_ && in_ledger_ <= kMostKnown && asked_++ * kRowsPerQuestion >= in_ledger_) {
        YAGURA_CHECK(
            read_all_([this](auto path, const auto& content) { remember(path, content); }));
        is_loaded_ = true;
    }
    return !is_loaded_ || keys_.contains(key);
}

void KnownObjects::add(std::string_view path, const Sha256& content) {
    ++in_ledger_;
    if (!is_loaded_) return;
    remember(path, content);
    if (in_ledger_ <= kMostKnown) return;
    is_loaded_ = false;
    keys_ = HashSet();
}

void KnownObjects::remember(std::string_view path, const Sha256& content) {
    keys_.insert(hash64(path));
    keys_.insert(key_of(content));
}

}  // namespace yagura::store
