// The program where the query engine's library is missing.
#include <fstream>
#include <iterator>

#include "cli/program.h"

using namespace yagura::cli;

namespace {

// The program, but that it looks for a library nobody has.
void write_without_engine(const Workshop& shop) {
    std::ifstream file(YAGURA_PROGRAM, std::ios::binary);
    std::string program((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    const std::string wanted = "libduckdb.so";
    size_t found = 0;
    for (size_t at = 0; (at = program.find(wanted, at)) != std::string::npos; ++found)
        program.replace(at, wanted.size(), "libnobody.so");
    REQUIRE(found > 0);
    shop.write("program", program);
    REQUIRE(shop.shell("chmod +x program").exit_code == 0);
}

}  // namespace

TEST_CASE("without the query engine logs are scanned and kept, and questions say what is missing") {
    const Workshop shop;
    write_without_engine(shop);
    REQUIRE(shop.run("simulate key-leak --seed 1 --events 300 -o logs -q").exit_code == 0);
    CHECK(shop.shell("./program scan logs/logs -q").exit_code == 0);
    CHECK(shop.shell("./program ingest logs/logs --lake lake -q").exit_code == 0);
    const Run run = shop.shell("./program query --lake lake 'stats count(*)'");
    CHECK(run.exit_code == 1);
    CHECK(has(run.err, "libnobody.so"));
    CHECK(run.out.empty());
    CHECK(has(shop.shell("./program doctor").out, "FAIL  query engine"));
    CHECK(shop.run("query --lake lake 'stats count(*)' -q").exit_code == 0);
}
