// A lake built from log files, the short way: one worker, no rules.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "base/text.h"
#include "decode/record_reader.h"
#include "event/json_document.h"
#include "query/engine.h"
#include "source/input.h"
#include "store/writer.h"
#include "support/folder.h"
#include "support/must.h"

namespace yagura::query {

using test::Folder;
using test::must;

// Stores every record of an object in the lake.
class Ingest final : public decode::RecordSink {
  public:
    explicit Ingest(store::LakeWorker& worker) : worker_(worker) {}

    std::optional<Fault> json(event::JsonDocument& document,
                              uint32_t& at,
                              const decode::RecordOrigin& origin) override {
        uint32_t end = at;
        event::ValueView value;
        if (const auto fault = document.read(end, value)) return fault;
        const logtype::LogType* type = logtype::recognise(logtype::Shape::json, value.text(), {});
        if (type == nullptr) return at = end, std::nullopt;
        event_.reset(plan_of(*type));
        event_.ordinal = origin.ordinal;
        if (const auto fault = event::walk_record(document, at, event_)) return fault;
        if (type->finish(event_, {}) == std::nullopt) keep(*type);
        return std::nullopt;
    }

    std::optional<Fault> line(std::string_view line, const decode::RecordOrigin& origin) override {
        const logtype::LogType* type = logtype::find("vpc_flow");
        if (type->read_header(line, order_)) return std::nullopt;
        event_.reset(plan_of(*type));
        event_.ordinal = origin.ordinal;
        event_.record = line;
        if (type->read_line(line, order_, event_, {}) == std::nullopt) keep(*type);
        return std::nullopt;
    }

    void fault(const Fault&, const decode::RecordOrigin&, std::string_view) override { ++faults; }

    uint64_t stored = 0;
    uint64_t faults = 0;

  private:
    void keep(const logtype::LogType& type) {
        if (!must(worker_.admit(type, event_))) return;
        must(worker_.append(type, event_, "", ""));
        ++stored;
    }

    const event::FieldPlan& plan_of(const logtype::LogType& type) {
        auto& plan = plans_[&type];
        if (!plan) {
            plan = std::make_unique<event::FieldPlan>(type.dictionary());
            plan->collect_extra();
            plan->freeze();
        }
        return *plan;
    }

    store::LakeWorker& worker_;
    event::Event event_;
    std::vector<int> order_;
    std::map<const logtype::LogType*, std::unique_ptr<event::FieldPlan>> plans_;
};

// Lives in a folder of its own, gone at the end.
class SampleLake {
  public:
    explicit SampleLake(const std::vector<std::filesystem::path>& paths, bool keep_raw = false) {
        auto writer = must(store::Writer::open(folder(), {.keep_raw = keep_raw}));
        auto worker = writer->worker();
        Ingest ingest(*worker);
        decode::RecordReader reader;
        std::vector<std::string> names;
        for (const auto& path : paths) names.push_back(path.string());
        for (const source::Object& object : must(source::list_objects(names)).objects) {
            auto input = must(source::Input::open(object));
            if (!store::is_wanted(must(worker->begin(input)))) continue;
            static_cast<void>(must(reader.read(input, ingest)));
            must(worker->end());
        }
        must(worker->finish());
        rows = ingest.stored;
    }
    const std::filesystem::path& folder() const { return folder_.path(); }
    uint64_t rows = 0;

  private:
    Folder folder_;
};

inline std::string cell_text(const sql::Value& value) {
    struct Visitor {
        std::string operator()(std::monostate) const { return "-"; }
        std::string operator()(bool truth) const { return truth ? "true" : "false"; }
        std::string operator()(int64_t number) const { return std::to_string(number); }
        std::string operator()(double number) const { return fmt::format("{}", number); }
        std::string operator()(const std::string& text) const { return printable(text); }
        std::string operator()(Timestamp time) const { return format_iso8601(time); }
    };
    return std::visit(Visitor{}, value);
}

// Everything an answer says, as lines: notes, column names, rows.
struct Told {
    Answer answer;
    std::vector<std::string> rows;
    std::string text;
};

inline Told ask_lake(Engine& engine,
                     std::string_view query,
                     TimeRange range = {},
                     std::vector<std::string> types = {},
                     bool sql = false) {
    Told told;
    RowSink sink;
    sink.columns = [&](const std::vector<ResultColumn>& columns) {
        for (size_t i = 0; i < columns.size(); ++i)
            told.text += (i > 0 ? " | " : "") + columns[i].name;
        told.text += "\n";
    };
    sink.row = [&](std::span<const sql::Value> cells) {
        std::string line;
        for (size_t i = 0; i < cells.size(); ++i)
            line += (i > 0 ? " | " : "") + cell_text(cells[i]);
        told.rows.push_back(line);
        told.text += line + "\n";
        return true;
    };
    const Question question{query, range, std::move(types), from_micros(1'722'600'000'000'000)};
    auto answer = sql ? engine.ask_sql(question, sink) : engine.ask(question, sink);
    REQUIRE_MESSAGE(answer, std::string(query) << ": " << answer.error().sentence());
    told.answer = std::move(*answer);
    std::string notes;
    for (const Diagnostic& note : told.answer.notes) notes += to_string(note) + "\n";
    told.text = notes + told.text;
    return told;
}

inline std::filesystem::path sample_folder() {
    return std::filesystem::path(YAGURA_SOURCE_DIR) / "test" / "query" / "sample";
}

}  // namespace yagura::query
