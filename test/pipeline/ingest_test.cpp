// What an ingest makes of objects that are hard to read.
#include "pipeline/ingest.h"

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
