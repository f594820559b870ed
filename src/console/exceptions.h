// Exceptions people make in the console, in the very file that reading logs takes its policy from.
//
//   YAGURA_TRY(const auto files, policy_files(lake));       // for rule::load_context
//   ExceptionBook book(lake);
//   YAGURA_TRY(const auto exceptions, book.current());
//   YAGURA_TRY(const auto ids, book.add({wanted}));
//
// LAKE/console/exceptions.yml is a context file as docs/context.md describes it, so an exception
// made by hand and one made in the console are the same thing. It is written anew under another
// name and renamed, and only when it reads as intended afterwards. Thread-safe; another program may
// change the file at any time.
#pragma once

#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/time.h"
#include "match/policy.h"

namespace yagura::console {

std::filesystem::path exceptions_file(const std::filesystem::path& lake);

// The context files that belong to a lake, those that exist; give them to rule::load_context with
// what --context names, whenever rules are loaded for that lake.
std::vector<std::filesystem::path> policy_files(const std::filesystem::path& lake);

// Whom an exception is about. What is not given may be anything; an empty text is an event that has
// none.
struct Entities {
    std::vector<std::string> accounts;  // one of these
    std::optional<std::string> principal;
    std::optional<std::string> source_ip;
};

// An exception to make: matches of `rules` (ids; none: any rule) that are of one of `entities`.
struct NewException {
    std::string owner;
    std::string reason;
    Timestamp expires{};
    std::vector<std::string> rules;
    std::vector<Entities> entities;  // none: any
};

struct KnownException {
    match::Exception exception;
    std::string when;  // as it stands in the file; empty: everything of its rules
    std::optional<std::vector<std::string>> accounts;  // that it is confined to, see covering.h
};

struct KnownExceptions {
    std::vector<KnownException> items;  // in the order of the file
    std::optional<Error> mistake;       // why the file cannot be used; then there are no items
    int64_t version = 0;                // another number after each change
};

// The entry that `wanted` becomes; what reads it back is rule::load_context. `ids` tells them
// apart.
std::string entry_yaml(const NewException& wanted, std::string_view id, std::string_view indent);

// What those would be as a policy; refuses what ExceptionBook::add refuses.
Result<match::Policy> policy_of(const std::vector<NewException>& wanted, Timestamp now);

class ExceptionBook {
  public:
    explicit ExceptionBook(std::filesystem::path lake) : lake_(std::move(lake)) {}

    // As the file says now; read again only when it changed. A file with a mistake is no error
    // here.
    Result<std::shared_ptr<const KnownExceptions>> current();

    // Adds all or none, and returns their ids. Refuses what names neither a rule, a principal nor
    // an address, has no reason or ended already.
    Result<std::vector<std::string>> add(const std::vector<NewException>& wanted, Timestamp now);

    Result<void> remove(std::string_view id);

  private:
    struct Stamp {
        int64_t size = -1;
        int64_t changed = 0;
        uint64_t inode = 0;
        friend bool operator==(const Stamp&, const Stamp&) = default;
    };
    Stamp stamp() const;
    Result<std::shared_ptr<const KnownExceptions>> load();
    Result<void> write(const std::string& text, size_t expected);

    std::filesystem::path lake_;
    std::mutex mutex_;
    Stamp stamp_;
    int64_t version_ = 0;
    std::shared_ptr<const KnownExceptions> known_;  // shared by the answers under way
};

}  // namespace yagura::console
