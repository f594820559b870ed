// An incident: one file scenario_<name>.cpp and one line in scenarios.def.
//
//   void play_key_leak(Stage& stage) {
//       const Session attacker = stage.as(leaked_user, production, "203.0.113.77", kKali);
//       stage.call(attacker, production, home, "iam:CreateUser", at, kPersistence, {{Slot::user,
//       "support"}});
//   }
//
// A scenario only adds to the stage; the background of ordinary life runs around it by itself.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "simulate/cloudtrail.h"
#include "simulate/delivery.h"
#include "simulate/flow_logs.h"
#include "simulate/guardduty.h"
#include "simulate/truth.h"

namespace yagura::simulate {

using Bindings = std::vector<std::pair<Slot, std::string>>;

// Everything a scenario may use. `start` is midnight UTC of the first day, `end` of the day after
// the last.
class Stage {
  public:
    Stage(const World& where,
          Timestamp from,
          Timestamp to,
          Delivery& delivery,
          FlowLogs& flow_logs,
          LogFiles& files,
          Truth& told)
        : world(where),
          start(from),
          end(to),
          random(Random(where.seed).fork("scenario")),
          flows(flow_logs),
          truth(told),
          delivery_(delivery),
          files_(files) {}

    const World& world;
    const Timestamp start, end;
    Random random;
    FlowLogs& flows;
    Truth& truth;

    // Opens a session of `who` as seen from `address` with `user_agent`; empty: its usual ones.
    Session as(const Principal& who,
               const Account& account,
               const Site& site,
               Timestamp at,
               std::string address = {},
               std::string user_agent = {});

    // Records one call. Without a step it is ordinary life and not part of the truth.
    void call(const Session& session,
              const Account& account,
              const Site& site,
              std::string_view action,
              Timestamp at,
              const Step* step = nullptr,
              const Bindings& bindings = {},
              bool denied = false);

    // Records traffic; with a step also in the truth.
    void flow(const Account& account, const Flow& flow, const Step* step = nullptr);

    // Exports a finding at `at`; with a step also into the truth.
    void finding(const FindingDraft& draft,
                 const Account& account,
                 const Site& site,
                 Timestamp at,
                 const Step* step = nullptr);

  private:
    Delivery& delivery_;
    LogFiles& files_;
};

struct Scenario {
    std::string_view name;  // as typed: "key-leak"
    Text sentence;
    void (*play)(Stage&);
};

std::span<const Scenario> all_scenarios();

// A user with a long-term access key, not yet known to anybody.
Principal make_user(std::string name, Random& random);

}  // namespace yagura::simulate
