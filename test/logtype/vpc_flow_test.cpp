#include <doctest/doctest.h>

#include "logtype/parse.h"

using namespace yagura;
using namespace yagura::logtype;

TEST_CASE("fields are read in the order the header names them") {
    Parsed parsed(*find("vpc_flow"));
    std::vector<int> order;
    REQUIRE(
        parsed.type.read_header("dstaddr srcaddr start bytes log-status flow-direction", order));
    REQUIRE_FALSE(parsed.line("10.0.0.5 198.51.100.7 1772442900 840 OK ingress", order));
    CHECK(parsed.text("source.ip") == "198.51.100.7");
    CHECK(parsed.text("destination.ip") == "10.0.0.5");
    CHECK(parsed.text("network.bytes") == "840");
    CHECK(format_iso8601(parsed.event.time) == "2026-03-02T09:15:00Z");
}

TEST_CASE("records without data are kept with their gap status") {
    Parsed parsed(*find("vpc_flow"));
    REQUIRE_FALSE(
        parsed.line("2 111122223333 eni-0a1b - - - - - - - 1772442900 1772442960 - NODATA", {}));
    CHECK(parsed.text("log-status") == "NODATA");
    CHECK_FALSE(parsed.event.has(parsed.plan.want("srcaddr")));
}

TEST_CASE("a line with too few or too many fields is a fault") {
    Parsed parsed(*find("vpc_flow"));
    std::vector<int> order;
    REQUIRE(parsed.type.read_header("srcaddr dstaddr start", order));
    CHECK(parsed.line("1.2.3.4 5.6.7.8", order)->code == FaultCode::bad_field_count);
    CHECK(parsed.line("1.2.3.4 5.6.7.8 1772442900 6", order)->code == FaultCode::bad_field_count);
}

TEST_CASE("fields of a future version do not hide the known ones") {
    std::vector<int> order;
    REQUIRE(find("vpc_flow")->read_header("srcaddr dstaddr start brand-new-field", order));
    CHECK(order.size() == 4);
    CHECK(order[3] == -1);
}

TEST_CASE("records of another format are recognised, and want a header to be read") {
    const LogType& type = *find("vpc_flow");
    for (const std::string_view line :
         {"5 111122223333 eni-1 10.0.0.1 10.0.0.2 1 2 6 3 4 1772442900 1772442960 ACCEPT OK vpc-1",
          "eni-1 111122223333 2 10.0.0.1 10.0.0.2 1 2 6 3 4 1772442900 1772442960 ACCEPT OK",
          "10.0.0.1 10.0.0.2 eni-1 1772442900 NODATA"}) {
        CHECK(recognise(Shape::text, line, {}) == &type);
        Parsed parsed(type);
        const auto fault = parsed.line(line, {});
        REQUIRE(fault);
        CHECK(fault->code == FaultCode::no_header);
    }
}

TEST_CASE("ordinary text is no flow log") {
    CHECK(recognise(Shape::text, "the quick brown fox", {}) == nullptr);
    CHECK(recognise(
              Shape::text,
              "2 111122223333 eni-1 10.0.0.1 10.0.0.2 1 2 6 3 4 1772442900 1772442960 ACCEPT OK",
              {}) == find("vpc_flow"));
}
