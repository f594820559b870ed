// What an ingest makes of objects that are hard to read.
#include "pipeline/ingest.h"

#include <algorithm>
#include <fstream>
#include <thread>

#include <doctest/doctest.h>
#include <sys/stat.h>

#include "pipeline/made.h"
#include "support/must.h"

using namespace yagura;
using namespace yagura::pipeline;
using test::must;

TEST_CASE("a file that cannot be read costs itself, not the ingest") {
    Folder folder;
    folder.write("a.json", record_of({.id = 1}));
    // Opens, and fails when it is read.
    const std::string bad = "/proc/self/mem";
    const IngestResult result =
        must(ingest({}, {.paths = {bad, folder / "a.json"}, .lake = folder / "lake"}));
    CHECK(result.totals.records_stored == 1);
    REQUIRE(result.quarantine.objects() == 1);
    const finding::QuarantinedPart part = result.quarantine.parts()[0];
    CHECK(part.object == bad);
    CHECK(part.code == FaultCode::unreadable);
    CHECK(!part.detail.empty());
}

TEST_CASE("a stream of any size is ingested, and known when it comes again") {
    Folder folder;
    const std::string pipe = folder / "pipe";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    std::string text;
    const std::string pad(1 << 20, ' ');
    uint64_t records = 0;
    while (text.size() <= source::Input::kMaxLoaded)
        text += record_of({.id = ++records}) + pad + "\n";
    const auto ingest_pipe = [&] {
        std::thread writer([&] { std::ofstream(pipe, std::ios::binary) << text; });
        store::WriterOptions options;
        options.keep_raw = true;
        IngestResult result =
            must(ingest({}, {.paths = {pipe}, .lake = folder / "lake", .writer = options}));
        writer.join();
        return result;
    };
    CHECK(ingest_pipe().totals.records_stored == records);
    const IngestResult again = ingest_pipe();
    CHECK(again.totals.records_stored == 0);
    CHECK(again.totals.objects_duplicate == 1);
}

TEST_CASE("a file is one object however its path is spelled") {
    Folder folder;
    std::filesystem::create_directories(folder / "logs/.more");
    folder.write("logs/a.json", record_of({.id = 1}));
    folder.write("logs/.more/b.json", record_of({.id = 2}));
    const std::string whole = folder.path();
    const std::string here = std::filesystem::relative(whole).string();
    REQUIRE(here.starts_with(".."));
    for (const std::string& logs : {whole + "/logs",
                                    here + "/logs",
                                    whole + "//logs/",
                                    whole + "/logs/../logs/.",
                                    "./" + here + "/./logs"}) {
        CAPTURE(logs);
        const auto result = must(ingest({}, {.paths = {logs}, .lake = folder / "lake"}));
        CHECK(result.objects_found == 2);
    }
    auto catalog = must(store::Catalog::open(folder / "lake", false));
    std::vector<std::string> known;
    must(catalog.for_each_object(
        [&](const store::LedgerObject& object) { known.push_back(object.path); }));
    std::sort(known.begin(), known.end());
    CHECK(known == std::vector{whole + "/logs/.more/b.json", whole + "/logs/a.json"});
}
