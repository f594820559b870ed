#include "console/views.h"

#include <fmt/format.h>

#include "base/messages/console.h"
#include "base/text.h"

namespace yagura::console {
namespace {

constexpr size_t kMaxViewBytes = 64 << 10;
constexpr size_t kMaxViewNameBytes = 200;
constexpr std::string_view kKinds[] = {"discover", "query", "findings"};

// "*" sees everything, "" nothing.
std::string scope_text(const AccountScope& scope) {
    if (scope.is_all()) return "*";
    return fmt::format("{}", fmt::join(scope.accounts(), " "));
}

AccountScope scope_from(std::string_view text) {
    if (text == "*") return AccountScope::all();
    std::vector<std::string> accounts;
    for (const std::string_view account : split(text, ' ')) accounts.emplace_back(account);
    return AccountScope::of(std::move(accounts));
}

Result<void> check(const View& view) {
    bool is_known = false;
    for (const std::string_view kind : kKinds) is_known |= kind == view.kind;
    if (!is_known) return fail(Code::invalid, say(message::console_view_kind, view.kind));
    if (view.name.empty()) return fail(Code::invalid, say(message::console_needs, "name"));
    if (view.name.size() > kMaxViewNameBytes)
        return fail(Code::invalid, say(message::console_too_long, "name", kMaxViewNameBytes));
    if (view.state.size() + view.query.size() > kMaxViewBytes)
        return fail(Code::invalid, say(message::console_too_long, "state", kMaxViewBytes));
    return {};
}

View read_view(const sqlite::Statement& row) {
    View view;
    std::string scope;
    row.read(view.id,
             view.kind,
             view.name,
             view.state,
             view.query,
             view.owner,
             view.shared,
             scope,
             view.updated);
    view.scope = scope_from(scope);
    return view;
}

}  // namespace

Result<std::vector<View>> Views::visible(std::string_view who, const AccountScope& scope) {
    return notebook_.read([&](sqlite::Database& file) -> Result<std::vector<View>> {
        YAGURA_TRY(
            auto rows,
            file.prepare("SELECT id, kind, name, state, query, owner, shared, scope, updated "
                         "FROM views WHERE owner = ? OR shared ORDER BY name, id",
                         who));
        YAGURA_TRY(std::vector<View> views, rows.all(read_view));
        std::erase_if(views, [&](const View& view) {
            return view.owner != who && !scope.contains(view.scope);
        });
        return views;
    });
}

Result<int64_t> Views::add(const View& view) {
    YAGURA_CHECK(check(view));
    return notebook_.change([&](sqlite::Database& file) -> Result<int64_t> {
        YAGURA_TRY(const int64_t count,
                   file.number("SELECT count(*) FROM views WHERE owner = ?", view.owner));
        if (count >= static_cast<int64_t>(kMaxOfOne))
            return fail(Code::limit, say(message::console_too_many, kMaxOfOne));
        YAGURA_CHECK(
            file.run("INSERT INTO views(kind, name, state, query, owner, shared, scope, updated) "
                     "VALUES (?,?,?,?,?,?,?,?)",
                     view.kind,
                     view.name,
                     view.state,
                     view.query,
                     view.owner,
                     view.shared,
                     scope_text(view.scope),
                     view.updated));
        return file.last_id();
    });
}

Result<void> Views::replace(const View& view) {
    YAGURA_CHECK(check(view));
    return notebook_.change([&](sqlite::Database& file) -> Result<void> {
        YAGURA_CHECK(
            file.run("UPDATE views SET kind = ?, name = ?, state = ?, query = ?, shared = ?, "
                     "scope = ?, updated = ? WHERE owner = ? AND id = ?",
                     view.kind,
                     view.name,
                     view.state,
                     view.query,
                     view.shared,
                     scope_text(view.scope),
                     view.updated,
                     view.owner,
                     view.id));
        if (file.changes() == 0) return fail(Code::not_found, say(message::console_no_view));
        return {};
    });
}

Result<void> Views::remove(int64_t id, std::string_view owner) {
    return notebook_.change([&](sqlite::Database& file) -> Result<void> {
        YAGURA_CHECK(file.run("DELETE FROM views WHERE id = ? AND owner = ?", id, owner));
        if (file.changes() == 0) return fail(Code::not_found, say(message::console_no_view));
        return {};
    });
}

}  // namespace yagura::console
