#include "console/aliases.h"

#include <algorithm>

#include "base/messages/console.h"

namespace yagura::console {
namespace {

constexpr size_t kMaxAliasBytes = 200;
constexpr size_t kMaxNoteBytes = 2'000;
constexpr size_t kAccountDigits = 12;

Result<void> check(const Alias& alias) {
    const bool is_account = alias.account.size() == kAccountDigits &&
                            std::all_of(alias.account.begin(), alias.account.end(), [](char c) {
                                return c >= '0' && c <= '9';
                            });
    if (!is_account) return fail(Code::invalid, say(message::console_alias_account, alias.account));
    if (alias.alias.size() > kMaxAliasBytes)
        return fail(Code::invalid, say(message::console_too_long, "alias", kMaxAliasBytes));
    if (alias.note.size() > kMaxNoteBytes)
        return fail(Code::invalid, say(message::console_too_long, "note", kMaxNoteBytes));
    return {};
}

Result<void> write(sqlite::Database& file, const Alias& alias) {
    if (alias.alias.empty())
        return file.run("DELETE FROM aliases WHERE account = ?", alias.account);
    return file.run(
        "INSERT OR REPLACE INTO aliases VALUES (?,?,?)", alias.account, alias.alias, alias.note);
}

}  // namespace

Result<void> Aliases::put(const std::vector<Alias>& aliases) {
    if (aliases.size() > kMax) return fail(Code::invalid, say(message::console_too_many, kMax));
    for (const Alias& alias : aliases) YAGURA_CHECK(check(alias));
    return notebook_.change([&](sqlite::Database& file) -> Result<void> {
        for (const Alias& alias : aliases) YAGURA_CHECK(write(file, alias));
        return {};
    });
}

Result<std::shared_ptr<const Aliases::ByAccount>> Aliases::all() {
    YAGURA_TRY(const int64_t version, notebook_.version());
    const std::lock_guard lock(mutex_);
    if (known_ && version == version_) return known_;
    auto read = std::make_shared<ByAccount>();
    YAGURA_CHECK(notebook_.read([&](sqlite::Database& file) -> Result<void> {
        YAGURA_TRY(auto rows, file.prepare("SELECT account, alias, note FROM aliases"));
        return rows.each([&](const sqlite::Statement& row) {
            Alias alias;
            row.read(alias.account, alias.alias, alias.note);
            std::string account = alias.account;
            read->emplace(std::move(account), std::move(alias));
        });
    }));
    version_ = version;
    known_ = std::move(read);
    return known_;
}

}  // namespace yagura::console
