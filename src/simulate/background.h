// The ordinary life of the organisation: people in the office, pipelines, machines, services.
//
//   Background background(world, 30'000, days);
//   background.run_hour(start, delivery);        // every hour once, in order
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "simulate/actions.h"
#include "simulate/delivery.h"
#include "simulate/session.h"
#include "simulate/world.h"

namespace yagura::simulate {

enum class Rhythm : uint8_t { office, flat, nightly };

// One row of profiles.def.
struct Profile {
    std::string_view name;
    Principal::Kind kind;
    int per_account;
    double visits_per_day;
    int fewest_calls;
    int most_calls;
    double seconds_between;
    Rhythm rhythm;
    std::string_view service, principal, session;
    std::vector<const Action*> calls;  // each as often as its weight says
};

// All rows. A row that names a call that does not exist is our own mistake; a test finds it.
const std::vector<Profile>& all_profiles();

class Background {
  public:
    // About `events` records over `days` days from Monday 00:00 UTC of the start's week.
    Background(const World& world, uint64_t events, uint32_t days, Timestamp start);

    // What begins in the hour from `hour`. Visits may run into the next hours.
    void run_hour(Timestamp hour, Delivery& delivery);

  private:
    struct Inhabitant {
        const Profile* profile;
        const Account* account;
        Principal principal;
        Random random;
        const Site* home;  // where it usually works
        double errors;     // share of its calls that fail
    };
    void settle(const Profile& profile, const Account& account, int index);
    void visit(Inhabitant& who, Timestamp start, Delivery& delivery);

    const World& world_;
    std::vector<Inhabitant> inhabitants_;
    double rate_ = 1;     // multiplies everybody's visits
    std::string record_;  // reused
};

}  // namespace yagura::simulate
