// Which AWS accounts a person may see: all of them, or those of a list.
//
//   AccountScope::all()                      everything, rows without an account too
//   AccountScope::of({"111122223333"})       rows of that account and no others
//   if (scope.contains(row.account)) …
//
// A default one and an empty list see nothing, so that forgetting to say is safe. A value: copies
// are independent, no threads to think of.
#pragma once

#include <algorithm>
#include <functional>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace yagura {

class AccountScope {
  public:
    // No account.
    AccountScope() = default;

    static AccountScope all() {
        AccountScope scope;
        scope.all_ = true;
        return scope;
    }

    // Those of the list, and no row without an account (an empty id is dropped).
    static AccountScope of(std::vector<std::string> accounts) {
        AccountScope scope;
        std::erase(accounts, "");
        std::sort(accounts.begin(), accounts.end());
        accounts.erase(std::unique(accounts.begin(), accounts.end()), accounts.end());
        scope.accounts_ = std::move(accounts);
        return scope;
    }

    bool is_all() const { return all_; }
    // Sorted, each once; says nothing when is_all().
    const std::vector<std::string>& accounts() const { return accounts_; }

    // An empty `account` is a row without one: only who sees everything sees it.
    bool contains(std::string_view account) const {
        return all_ ||
               std::binary_search(accounts_.begin(), accounts_.end(), account, std::less<>());
    }
    bool contains(const AccountScope& other) const {
        return all_ || (!other.all_ && std::includes(accounts_.begin(),
                                                     accounts_.end(),
                                                     other.accounts_.begin(),
                                                     other.accounts_.end()));
    }

    // What both may see.
    AccountScope intersected(const AccountScope& other) const {
        if (all_) return other;
        if (other.all_) return *this;
        AccountScope both;
        std::set_intersection(accounts_.begin(),
                              accounts_.end(),
                              other.accounts_.begin(),
                              other.accounts_.end(),
                              std::back_inserter(both.accounts_));
        return both;
    }

    friend bool operator==(const AccountScope&, const AccountScope&) = default;

  private:
    bool all_ = false;
    std::vector<std::string> accounts_;
};

}  // namespace yagura
