#include "finding/technique_names.h"

#include <doctest/doctest.h>

using yagura::finding::technique_name;

TEST_CASE("a technique has its name, and a sub-technique nobody listed that of its technique") {
    CHECK(technique_name("T1078") == "Valid Accounts");
    CHECK(technique_name("T1078.004") == "Cloud Accounts");
    CHECK(technique_name("T1078.999") == "Valid Accounts");
    CHECK(technique_name("T1020") == "Automated Exfiltration");
    CHECK(technique_name("T1671") == "Cloud Application Integration");
    CHECK(technique_name("T0000").empty());
    CHECK(technique_name("").empty());
}
