#include "auth/names.h"

#include <algorithm>

#include "base/messages/auth.h"
#include "base/text.h"

namespace yagura::auth {
namespace {

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_account(std::string_view id) {
    return !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](char c) {
        return is_letter_or_digit(c) || c == '-' || c == '_';
    });
}

}  // namespace

Result<std::string> normal_name(std::string_view text) {
    std::string name;
    bool good = !text.empty() && text.size() <= kLongestName && is_letter_or_digit(text.front());
    for (const char c : text) {
        good = good && (is_letter_or_digit(c) ||
                        std::string_view("._-@+").find(c) != std::string_view::npos);
        name += ascii_lower(c);
    }
    if (!good) return fail(Code::invalid, say(message::auth_name_form, kLongestName));
    if (name == kLocalName) return fail(Code::invalid, say(message::auth_name_reserved, name));
    return name;
}

Result<void> check_accounts(const AccountScope& accounts) {
    if (accounts.accounts().size() > kMostAccounts)
        return fail(Code::invalid, say(message::auth_accounts_many, kMostAccounts));
    for (const std::string& id : accounts.accounts()) {
        if (!is_account(id))
            return fail(Code::invalid,
                        say(message::auth_account_form, printable(id.substr(0, 64))));
    }
    return {};
}

std::string clipped(std::string_view text, size_t most) {
    constexpr std::string_view kMark = "…";
    std::string good = repair_utf8(text.substr(0, most + 4));
    if (text.size() <= most && good.size() <= most) return good;
    size_t end = 0;
    for (size_t next = 0; next < good.size();) {
        next_code_point(good, next);
        if (next + kMark.size() > most) break;
        end = next;
    }
    return good.substr(0, end).append(kMark);
}

std::string accounts_text(const AccountScope& accounts) {
    std::string text;
    for (const std::string& id : accounts.accounts()) {
        if (!text.empty()) text += ',';
        text += id;
    }
    return text;
}

AccountScope accounts_from(std::string_view text) {
    std::vector<std::string> ids;
    for (const std::string_view id : split(text, ',')) ids.emplace_back(id);
    return AccountScope::of(std::move(ids));
}

}  // namespace yagura::auth
