// The bundled sample incident in a lake: loaded beside real logs, taken out again without a trace.
//
//   YAGURA_CHECK(write_sample_logs(lake));                        // LAKE/console/sample/logs
//   SampleIngest sample(rules, writer);
//   for (const source::Object& object : objects) YAGURA_CHECK(sample.read(object));
//   YAGURA_CHECK(sample.finish());                                // one commit: all or nothing
//   YAGURA_CHECK(remove_sample(lake, writer));
//
// Its rows have segments of their own (store::kSampleLevel), that no compaction mixes with others,
// and its correlations are decided by themselves: neither what first-seen rules remember nor what
// the lake knows of its own firings changes. Its findings are of accounts nobody has.
#pragma once

#include <filesystem>
#include <memory>

#include "base/result.h"
#include "decode/record_reader.h"
#include "detect/batch.h"
#include "pipeline/ingest_consumer.h"
#include "pipeline/rule_keeper.h"
#include "store/writer.h"

namespace yagura::pipeline {

std::filesystem::path sample_folder(const std::filesystem::path& lake);
// Does an object's path say that it is of the sample?
bool is_of_sample(const std::filesystem::path& lake, std::string_view object_path);
// Does the lake hold it?
bool has_sample(const std::vector<store::Segment>& segments);

// A few seconds of work; what a call before left unfinished is replaced.
Result<void> write_sample_logs(const std::filesystem::path& lake);

class SampleIngest {
  public:
    SampleIngest(std::shared_ptr<const CompiledRules> rules, store::Writer& writer);

    Result<void> read(const source::Object& object);
    Result<void> finish();

  private:
    std::shared_ptr<const CompiledRules> rules_;
    WorkerOptions options_;
    std::unique_ptr<store::LakeWorker> worker_;
    detect::FirstSeenMemory memory_;
    detect::Batch batch_;
    IngestConsumer consumer_;
    EventSpan span_;
    decode::RecordReader reader_;
};

// All of the above at once, for a program that does nothing else. False: the lake holds it already.
Result<bool> load_sample(const std::filesystem::path& lake,
                         std::shared_ptr<const CompiledRules> rules,
                         store::Writer& writer);

// Nothing uncommitted may be waiting in the writer's workers.
Result<void> remove_sample(const std::filesystem::path& lake, store::Writer& writer);

}  // namespace yagura::pipeline
