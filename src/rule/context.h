// What a person knows about his own place, as a file: which matches are expected, which are graver
// or lighter than their rule says, and which need not be told again and again.
//
//   YAGURA_TRY(Context context, load_context({"context.yml"}));
//   match::Judge judge(context.policy, type, rules, now);
//
//   exceptions:
//     - id: nightly-backup
//       owner: platform@example.com
//       reason: The backup job shares its snapshots with the archive account.
//       expires: 2027-03-31
//       rules: [EBS snapshot was shared *]
//       when: {principal|endswith: backup-role}
//   severity:
//     - when: {account: ['111122223333']}
//       change: +1
//   throttle:
//     - rules: [AssumeRole was refused]
//       key: [principal, source_ip]
//       period: 1h
//
// `when` is a search of Sigma with all its modifiers; the words account, region, principal,
// source_ip, access_key, user_agent, event_name, event_source, error_code and target mean what they
// are in each log (match::role_field). Unlike a bad rule, a mistake here stops everything: half a
// set of exceptions is worse than none. docs/context.md tells all keys.
#pragma once

#include <filesystem>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "match/policy.h"
#include "rule/lists.h"
#include "rule/problems.h"

namespace yagura::rule {

struct Context {
    match::Policy policy;
};

// Files, or folders whose *.yml and *.yaml are read in order of path. Everything of all of them
// counts together. Fails with all mistakes, one a line, when there are any.
// `lists` are what `expand` asks for.
Result<Context> load_context(const std::vector<std::filesystem::path>& paths,
                             const Lists& lists = {});

// Appends what the text of one file says.
void read_context(std::string_view text, const Lists& lists, Context& context, Problems& problems);

}  // namespace yagura::rule
