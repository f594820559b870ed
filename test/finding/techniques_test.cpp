#include "finding/techniques.h"

#include <doctest/doctest.h>

using namespace yagura::finding;

TEST_CASE("a technique has the tactics of ATT&CK, a sub-technique those of its own or its parent") {
    const auto accounts = tactics_of_technique("T1078.004");
    REQUIRE(accounts);
    CHECK(accounts->test(static_cast<size_t>(Tactic::initial_access)));
    CHECK(accounts->test(static_cast<size_t>(Tactic::persistence)));
    CHECK_FALSE(accounts->test(static_cast<size_t>(Tactic::impact)));
    CHECK(tactics_of_technique("T1098.099") == tactics_of_technique("T1098"));
    CHECK_FALSE(tactics_of_technique("T9999"));
    CHECK_FALSE(tactics_of_technique(""));
}

TEST_CASE("a tactic is found by tag, id and alias in any case") {
    CHECK(find_tactic("Credential_Access") == Tactic::credential_access);
    CHECK(find_tactic("ta0006") == Tactic::credential_access);
    CHECK(find_tactic("stealth") == Tactic::defense_evasion);
    CHECK_FALSE(find_tactic(""));
}
