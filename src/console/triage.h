// What people say about findings: seen, done with, whose it is, and why.
//
//   Triage triage(*notebook);
//   YAGURA_TRY(const Done done, triage.act({.kind = ActionKind::close, .who = "aki", .time = now},
//   subjects)); triage.undo(done.action, "aki", scope);
//
// A finding is known here by what makes it one (rule, account, principal, address), not by its
// place in the catalog: decisions outlive further ingests, and a lake made again from the same
// logs. Thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/account_scope.h"
#include "base/hash.h"
#include "base/result.h"
#include "base/time.h"
#include "console/notebook.h"
#include "store/findings.h"

namespace yagura::console {

// In this order in files; `suppressed` is never kept, it follows from the exceptions.
enum class Status : uint8_t { fresh, acknowledged, suppressed, closed };
constexpr size_t kStatuses = 4;
std::string_view status_name(Status status);  // "new", "acknowledged", "suppressed", "closed"
std::optional<Status> status_from_name(std::string_view name);

struct FindingKey {
    std::string rule_id;
    std::string account;
    std::string principal;
    std::string source_ip;
};
FindingKey key_of(const store::KeptFinding& finding);
// 24 hexadecimal digits, the same for the same key in every lake: what URLs and answers call it.
std::string finding_id(const FindingKey& key);

// A finding something is done to, and how many events it counts at that moment.
struct Subject {
    std::string id;
    FindingKey key;
    uint64_t count = 0;
};

enum class ActionKind : uint8_t { acknowledge, reopen, close, assign, comment };
std::string_view action_name(ActionKind kind);
std::optional<ActionKind> action_from_name(std::string_view name);

struct Action {
    ActionKind kind = ActionKind::acknowledge;
    std::string who;
    Timestamp time{};
    std::string assignee;  // of assign; empty: nobody
    std::string comment;   // of any action; what `comment` is about
};

struct Done {
    uint64_t changed = 0;
    int64_t action = 0;  // to undo it by
};

// What stands for a finding now.
struct Decided {
    Status status = Status::fresh;
    std::string assignee;
    uint64_t count = 0;  // that it had when its status was set
    uint32_t comments = 0;
};

struct Comment {
    Timestamp time{};
    std::string who;
    std::string text;
};

struct Deed {
    Timestamp time{};
    std::string who;
    std::string action;  // name of the action
    std::string detail;  // the assignee
    bool undone = false;
};

constexpr size_t kMaxSubjects = 10'000;
constexpr size_t kMaxCommentBytes = 10'000;
constexpr size_t kMaxNameBytes = 200;

class Triage {
  public:
    explicit Triage(Notebook& notebook) : notebook_(notebook) {}

    Result<Done> act(const Action& action, std::span<const Subject> subjects);

    // Takes back what `who` did: each finding gets what it had before, unless somebody has decided
    // about it since; comments made with it go. Only findings within `scope` are touched. How many
    // were.
    Result<uint64_t> undo(int64_t action, std::string_view who, const AccountScope& scope);

    using ById = std::unordered_map<std::string, Decided, TextHash, std::equal_to<>>;
    Result<ById> all();
    Result<std::vector<Comment>> comments(std::string_view finding);  // oldest first
    Result<std::vector<Deed>> history(std::string_view finding);      // oldest first

  private:
    Notebook& notebook_;
};

}  // namespace yagura::console
