// Writes an incident with known truth, inside days of ordinary life, as AWS would have logged it.
//
//   Plan plan{.scenario = "key-leak", .seed = 7, .out = "sample"};
//   YAGURA_TRY(const Tally tally, simulate(plan));
//
// The same plan writes the same bytes on every machine. Logs go to <out>/logs, the truth beside
// them to <out>/ground-truth.json, so that scanning <out>/logs never meets it. Format:
// docs/simulate.md.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "base/result.h"
#include "base/time.h"

namespace yagura::simulate {

struct Plan {
    std::string scenario;
    uint64_t seed = 1;
    std::filesystem::path out;
    uint32_t days = 3;         // 1–60
    uint32_t accounts = 4;     // 1–20
    uint64_t events = 30'000;  // CloudTrail records of ordinary life, about
    Timestamp start =
        from_micros(1'772'409'600'000'000);  // 2026-03-02, a Monday; cut to midnight UTC
    uint32_t threads = 0;                    // 0: one per core
};

struct Tally {
    uint64_t events = 0;           // CloudTrail records
    uint64_t incident_events = 0;  // of them part of the incident
    uint64_t flows = 0;
    uint64_t files = 0;
    uint64_t bytes = 0;  // before compression
    uint64_t compressed = 0;
};

// Fails when the plan is out of range, the scenario unknown, or <out>/logs already there.
Result<Tally> simulate(const Plan& plan);

}  // namespace yagura::simulate
