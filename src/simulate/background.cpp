#include "simulate/background.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/text.h"
#include "simulate/cloudtrail.h"

namespace yagura::simulate {
namespace {

using Kind = Principal::Kind;
using std::chrono::hours;
using std::chrono::microseconds;

// "ec2:DescribeInstances 10 s3:ListBuckets 4": each action as often as its weight says.
std::vector<const Action*> read_calls(std::string_view text) {
    std::vector<const Action*> calls;
    const auto words = split(text, ' ');
    for (size_t i = 0; i + 1 < words.size(); i += 2) {
        int weight = 0;
        std::from_chars(words[i + 1].data(), words[i + 1].data() + words[i + 1].size(), weight);
        calls.insert(calls.end(), static_cast<size_t>(weight), find_action(words[i]));
    }
    return calls;
}

// How busy the hour is, 1 being the busiest. People work nine to six in Tokyo, some of them longer.
double rhythm_at(Rhythm rhythm, Timestamp time) {
    const auto local = time + hours(9);
    const auto day = std::chrono::floor<std::chrono::days>(local);
    const auto hour = std::chrono::duration_cast<hours>(local - day).count();
    const std::chrono::weekday weekday(day);
    const bool weekend = weekday == std::chrono::Saturday || weekday == std::chrono::Sunday;
    switch (rhythm) {
        case Rhythm::nightly:
            return hour == 2 ? 1 : 0;
        case Rhythm::flat:
            return hour >= 8 && hour < 22 ? 1 : 0.65;
        case Rhythm::office:
            break;
    }
    if (hour < 7 || hour > 22) return 0.01;
    const double share = hour < 9 ? 0.15 : hour == 12 ? 0.6 : hour < 19 ? 1 : 0.12;
    return weekend ? share * 0.06 : share;
}

double mean_rhythm(Rhythm rhythm, Timestamp start, uint32_t days) {
    double sum = 0;
    for (uint32_t hour = 0; hour < days * 24; ++hour) sum += rhythm_at(rhythm, start + hours(hour));
    return sum / (days * 24);
}

// The name of the role or user, and of its sessions.
void name_principal(Principal& who,
                    const Profile& profile,
                    const Account& account,
                    const Site& home,
                    Random& random) {
    const auto stocked = [&](Slot slot) {
        return random.pick(home.stock[static_cast<size_t>(slot)]);
    };
    const auto& roles = account.stock[static_cast<size_t>(Slot::role)];
    const auto& users = account.stock[static_cast<size_t>(Slot::user)];
    who.name = profile.principal;
    who.session = profile.session;
    switch (profile.kind) {
        case Kind::federated:
            who.session = random.pick(users) + "@example.com";
            break;
        case Kind::user_console:
            who.name = random.pick(users);
            break;
        case Kind::user_key:
            if (who.name.empty()) who.name = random.pick(users) + "-cli";
            break;
        case Kind::instance:
            who.name = random.pick(roles);
            who.session = stocked(Slot::instance);
            break;
        case Kind::function:
            who.session = stocked(Slot::function);
            who.name = who.session + "-role";
            break;
        case Kind::service:
            who.name = profile.service;
            break;
        default:
            if (who.name.empty()) who.name = random.pick(roles);
    }
}

std::string usual_address(const Profile& profile, const World& world, Random& random) {
    switch (profile.kind) {
        case Kind::service:
        case Kind::linked:
            return std::string(profile.service);
        case Kind::federated:
        case Kind::user_console:
        case Kind::user_key:
            return random.chance(0.75) ? random.pick(world.offices) : make_home_address(random);
        default:
            return make_aws_address(random);
    }
}

bool is_user(Kind kind) {
    return kind == Kind::user_key || kind == Kind::user_console;
}

Principal make_principal(const Profile& profile,
                         const World& world,
                         const Account& account,
                         const Site& home,
                         Random& random) {
    Principal who;
    who.kind = profile.kind;
    name_principal(who, profile, account, home, random);
    who.id = lasting_id(is_user(profile.kind) ? "AIDA" : "AROA", account, who.name);
    if (profile.kind == Kind::user_key) {
        who.key = "AKIA";
        append_base32(who.key, random, 16);
    }
    who.address = usual_address(profile, world, random);
    who.user_agent = profile.service.empty() ? make_user_agent(profile.kind, random)
                                             : std::string(profile.service);
    return who;
}

}  // namespace

const std::vector<Profile>& all_profiles() {
    // clang-format off
    static const std::vector<Profile> profiles = {
#define PROFILE(name, kind, people, visits, fewest, most, seconds, rhythm, service, principal, session, calls) \
        {#name, Principal::Kind::kind, people, visits, fewest, most, seconds, Rhythm::rhythm, service, principal, session, read_calls(calls)},
#include "simulate/profiles.def"
#undef PROFILE
    };
    // clang-format on
    return profiles;
}

Background::Background(const World& world, uint64_t events, uint32_t days, Timestamp start)
    : world_(world) {
    const double scale = std::clamp(static_cast<double>(events) / days / 10'000, 0.5, 20.0);
    for (const Account& account : world.accounts) {
        for (const Profile& profile : all_profiles()) {
            const double many = profile.per_account * std::max(account.weight, 0.35);
            const int count = profile.per_account == 1 ? 1 : static_cast<int>(many * scale + 0.999);
            for (int i = 0; i < count; ++i) settle(profile, account, i);
        }
    }
    double expected = 0;
    for (const Inhabitant& who : inhabitants_) {
        expected += who.profile->visits_per_day * days *
                    mean_rhythm(who.profile->rhythm, start, days) *
                    (who.profile->fewest_calls + who.profile->most_calls) / 2 * who.account->weight;
    }
    rate_ = expected > 0 ? static_cast<double>(events) / expected : 0;
}

void Background::settle(const Profile& profile, const Account& account, int index) {
    Random random =
        Random(world_.seed).fork(fmt::format("{}/{}/{}", account.id, profile.name, index));
    // Most live in the home Region; some of everything runs elsewhere.
    const Site& home = random.chance(0.7) ? account.sites.front() : random.pick(account.sites);
    Principal who = make_principal(profile, world_, account, home, random);
    // A few have been failing all the time without anybody minding.
    const double errors = random.chance(0.04) ? 0.5 : 0.012;
    inhabitants_.push_back({&profile, &account, std::move(who), random, &home, errors});
}

void Background::run_hour(Timestamp hour, Delivery& delivery) {
    for (Inhabitant& who : inhabitants_) {
        const double mean = who.profile->visits_per_day / 24 * rate_ * who.account->weight *
                            rhythm_at(who.profile->rhythm, hour);
        for (uint64_t visits = who.random.poisson(mean); visits > 0; --visits) {
            visit(who, hour + microseconds(who.random.below(3'600'000'000)), delivery);
        }
    }
}

// One sitting: a login where there is one, then calls that follow each other, some a few times
// over.
void Background::visit(Inhabitant& who, Timestamp start, Delivery& delivery) {
    const Profile& profile = *who.profile;
    const bool roams = profile.kind == Kind::vendor || profile.kind == Kind::federated ||
                       profile.kind == Kind::linked;
    const Site& site = roams ? who.random.pick_zipf(who.account->sites) : *who.home;
    Scene scene(who.random, *who.account, site, start);
    const Session session = open_session(who.principal, scene);
    const Action* action = profile.kind == Kind::user_console ? find_action("signin:ConsoleLogin")
                                                              : who.random.pick(profile.calls);
    Timestamp time = start;
    for (int64_t left = who.random.between(profile.fewest_calls, profile.most_calls); left > 0;
         --left) {
        scene.next(time);
        if (action->service == "signin") scene.bind(Slot::user, who.principal.name);
        const bool fails = action->service != "signin" && who.random.chance(who.errors);
        record_.clear();
        append_record(record_,
                      *action,
                      session,
                      scene,
                      fails ? &everyday_failure(*action, who.random) : nullptr);
        delivery.add(*who.account, action->global ? "us-east-1" : site.region, time, record_);
        time += microseconds(
            static_cast<int64_t>(who.random.exponential(profile.seconds_between) * 1e6));
        const bool again = action->service != "signin" && who.random.chance(0.25);
        if (!again) action = who.random.pick(profile.calls);
    }
}

}  // namespace yagura::simulate
