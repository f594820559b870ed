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

void bind(sqlite::Statement& row, const View& view) {
    row.bind(1, std::string_view(view.kind));
    row.bind(2, std::string_view(view.name));
    row.bind(3, std::string_view(view.state));
    row.bind(4, std::string_view(view.query));
    row.bind(5, int64_t{view.shared});
    row.bind(6, std::string_view(scope_text(view.scope)));
    row.bind(7, to_micros(view.updated));
    row.bind(8, std::string_view(view.owner));
}

}  // namespace

Result<std::vector<View>> Views::visible(std::string_view who, const AccountScope& scope) {
    std::vector<View> out;
    YAGURA_CHECK(notebook_.read([&](sqlite::Database& file) -> Result<void> {
        YAGURA_TRY(
            auto row,
            file.prepare("SELECT id, kind, name, state, query, owner, shared, scope, updated "
                         "FROM views WHERE owner = ? OR shared ORDER BY name, id"));
        row.bind(1, who);
        for (;;) {
            YAGURA_TRY(const bool more, row.step());
            if (!more) return {};
            View view{row.integer(0),
                      std::string(row.text(1)),
                      std::string(row.text(2)),
                      std::string(row.text(3)),
                      std::string(row.text(4)),
                      std::string(row.text(5)),
                      row.integer(6) != 0,
                      scope_from(row.text(7)),
                      from_micros(row.integer(8))};
            if (view.owner == who || scope.contains(view.scope)) out.push_back(std::move(view));
        }
    }));
    return out;
}

Result<int64_t> Views::add(const View& view) {
    YAGURA_CHECK(check(view));
    int64_t id = 0;
    YAGURA_CHECK(notebook_.change([&](sqlite::Database& file) -> Result<void> {
        YAGURA_TRY(auto count, file.prepare("SELECT count(*) FROM views WHERE owner = ?"));
        count.bind(1, std::string_view(view.owner));
        YAGURA_CHECK(count.step());
        if (count.integer(0) >= static_cast<int64_t>(kMaxOfOne))
            return fail(Code::limit, say(message::console_too_many, kMaxOfOne));
        YAGURA_TRY(auto row,
                   file.prepare("INSERT INTO views(kind, name, state, query, shared, scope, "
                                "updated, owner) VALUES (?,?,?,?,?,?,?,?)"));
        bind(row, view);
        YAGURA_CHECK(row.run());
        id = file.last_id();
        return {};
    }));
    return id;
}

Result<void> Views::replace(const View& view) {
    YAGURA_CHECK(check(view));
    return notebook_.change([&](sqlite::Database& file) -> Result<void> {
        YAGURA_TRY(auto row,
                   file.prepare("UPDATE views SET kind = ?, name = ?, state = ?, query = ?, shared "
                                "= ?, scope = ?, updated = ? WHERE owner = ? AND id = ?"));
        bind(row, view);
        row.bind(9, view.id);
        YAGURA_CHECK(row.run());
        if (file.changes() == 0) return fail(Code::not_found, say(message::console_no_view));
        return {};
    });
}

Result<void> Views::remove(int64_t id, std::string_view owner) {
    return notebook_.change([&](sqlite::Database& file) -> Result<void> {
        YAGURA_TRY(auto row, file.prepare("DELETE FROM views WHERE id = ? AND owner = ?"));
        row.bind(1, id);
        row.bind(2, owner);
        YAGURA_CHECK(row.run());
        if (file.changes() == 0) return fail(Code::not_found, say(message::console_no_view));
        return {};
    });
}

}  // namespace yagura::console
