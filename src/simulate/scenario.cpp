#include "simulate/scenario.h"

namespace yagura::simulate {

#define SCENARIO(name, typed, english, japanese) void play_##name(Stage& stage);
#include "simulate/scenarios.def"
#undef SCENARIO

namespace {

// clang-format off
constexpr Scenario kScenarios[] = {
#define SCENARIO(name, typed, english, japanese) {typed, {english, japanese}, play_##name},
#include "simulate/scenarios.def"
#undef SCENARIO
};
// clang-format on

}  // namespace

std::span<const Scenario> all_scenarios() {
    return kScenarios;
}

Principal make_user(std::string name, Random& random) {
    Principal who;
    who.kind = Principal::Kind::user_key;
    who.name = std::move(name);
    who.id = "AIDA";
    append_base32(who.id, random, 17);
    who.key = "AKIA";
    append_base32(who.key, random, 16);
    who.user_agent = make_user_agent(who.kind, random);
    return who;
}

Session Stage::as(const Principal& who,
                  const Account& account,
                  const Site& site,
                  Timestamp at,
                  std::string address,
                  std::string user_agent) {
    Scene scene(random, account, site, at);
    Session session = open_session(who, scene);
    if (!address.empty()) {
        session.address = std::move(address);
        session.endpoint_id.clear();
    }
    if (!user_agent.empty()) session.user_agent = std::move(user_agent);
    return session;
}

void Stage::call(const Session& session,
                 const Account& account,
                 const Site& site,
                 std::string_view action_id,
                 Timestamp at,
                 const Step* step,
                 const Bindings& bindings,
                 bool denied) {
    const Action* action = find_action(action_id);
    if (!action || at >= end) return;
    Scene scene(random, account, site, at);
    for (const auto& [slot, value] : bindings) scene.bind(slot, value);
    std::string record;
    const std::string id =
        append_record(record, *action, session, scene, denied ? &access_denied(*action) : nullptr);
    const std::string_view region = action->global ? std::string_view("us-east-1") : site.region;
    delivery_.add(account, region, at, record);
    if (step) truth.cloudtrail(*step, at, id, action->name, account.id, region);
}

void Stage::flow(const Account& account, const Flow& flow, const Step* step) {
    flows.add(account, flow);
    if (!step) return;
    const std::string& own = flow.interface->address;
    truth.flow(*step,
               flow.start,
               flow.end,
               flow.interface->id,
               flow.outbound ? own : flow.peer,
               flow.outbound ? flow.peer : own,
               flow.bytes);
}

void Stage::finding(const FindingDraft& draft,
                    const Account& account,
                    const Site& site,
                    Timestamp at,
                    const Step* step) {
    Scene scene(random, account, site, at);
    std::string id;
    std::string line = write_finding(draft, scene, id);
    files_.add(finding_file(scene, at), std::move(line));
    if (step) truth.guardduty(*step, at, id, draft.type);
}

}  // namespace yagura::simulate
