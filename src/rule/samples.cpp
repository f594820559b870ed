#include "rule/samples.h"

#include <algorithm>
#include <fstream>
#include <memory>
#include <span>
#include <unordered_map>

#include "base/fault.h"
#include "base/language.h"
#include "base/messages/base.h"
#include "base/messages/rule.h"
#include "base/messages/sigma.h"
#include "base/text.h"
#include "event/json_document.h"
#include "match/program.h"
#include "match/slow.h"

namespace yagura::rule {

namespace fs = std::filesystem;
using event::JsonDocument;
using event::Kind;
using event::PaddedText;
using event::ValueView;
using logtype::LogType;

namespace {

std::string described(const Fault& fault) {
    return std::string(fault_sentence(fault.code, language()));
}

// One record: the text of a string, or any other value as it is written.
std::optional<Fault> read_record(JsonDocument& document, uint32_t& at, std::string& out) {
    ValueView value;
    if (const auto fault = document.read(at, value)) return fault;
    if (value.kind == Kind::string) {
        event::append_unescaped(out, value.text());
    } else {
        out = value.text();
    }
    return std::nullopt;
}

// Calls `read` at each member of the array at `at`, and moves past it.
template <class Read>
std::optional<Fault> each_member(JsonDocument& document, uint32_t& at, Read read) {
    if (at >= document.size() || document.at(at) != '[')
        return Fault{FaultCode::bad_json, document.offset(at)};
    ++at;
    while (at < document.size() && document.at(at) != ']') {
        if (const auto fault = read()) return fault;
        if (at < document.size() && document.at(at) == ',') ++at;
    }
    ++at;
    return std::nullopt;
}

// Appends the samples of one list: records, and logs of records.
std::optional<Fault> read_list(JsonDocument& document,
                               uint32_t& at,
                               bool must_match,
                               std::vector<Sample>& out) {
    return each_member(document, at, [&]() -> std::optional<Fault> {
        Sample& sample = out.emplace_back();
        sample.must_match = must_match;
        sample.is_log = at < document.size() && document.at(at) == '[';
        if (!sample.is_log) return read_record(document, at, sample.records.emplace_back());
        return each_member(
            document, at, [&] { return read_record(document, at, sample.records.emplace_back()); });
    });
}

// One log type's rules of one file, ready to be asked.
class Bench {
  public:
    Bench(const LogType& type, std::span<const match::Rule* const> rules)
        : type_(type), rules_(rules), program_(type, rules), plan_(type.dictionary()) {
        program_.want_fields(plan_);
        plan_.freeze();
        evaluator_.emplace(program_, plan_);
    }

    struct Answer {
        bool fast = false;
        bool slow = false;
    };

    // Whether any rule matches, by each evaluator.
    Result<Answer> ask(std::string_view record) {
        event_.reset(plan_);
        const PaddedText padded(record);
        const auto fault =
            type_.shape == logtype::Shape::json ? read_json(padded) : read_text(padded);
        if (fault) return fail(Code::invalid, described(*fault));
        std::vector<uint32_t> hits;
        evaluator_->match(event_, hits);
        Answer answer{!hits.empty(), false};
        for (const match::Rule* rule : rules_)
            answer.slow |= match::matches_slowly(*rule, event_, type_.shape);
        return answer;
    }

  private:
    std::optional<Fault> read_json(const PaddedText& padded) {
        if (const auto fault = document_.index(padded.view())) return fault;
        uint32_t at = 0;
        if (document_.size() == 0) return Fault{FaultCode::bad_json, 0};
        if (const auto fault = event::walk_record(document_, at, event_)) return fault;
        return type_.finish(event_, {});
    }

    std::optional<Fault> read_text(const PaddedText& padded) {
        std::string_view line = padded.view();
        std::vector<int> order;
        const size_t end = line.find('\n');
        if (end != std::string_view::npos && type_.read_header(line.substr(0, end), order)) {
            line.remove_prefix(end + 1);
        }
        return type_.read_line(line, order, event_, {});
    }

    const LogType& type_;
    std::span<const match::Rule* const> rules_;
    match::Program program_;
    event::FieldPlan plan_;
    std::optional<match::Evaluator> evaluator_;
    event::Event event_;
    JsonDocument document_;
};

// What one file holds, whatever kind of rules.
struct RuleFile {
    std::vector<const match::Rule*> rules;
    std::vector<const match::RuleInfo*> stateful;  // correlations and first-seen rules

    const match::RuleInfo& info() const { return stateful.empty() ? rules[0]->info : *stateful[0]; }
};

// In the order in which the set names them.
std::vector<RuleFile> files_of(const RuleSet& set) {
    std::vector<RuleFile> files;
    std::unordered_map<std::string_view, size_t> by_path;
    const auto file_of = [&](const match::RuleInfo& info) -> RuleFile& {
        const auto [at, is_new] = by_path.emplace(info.file, files.size());
        if (is_new) files.emplace_back();
        return files[at->second];
    };
    for (const match::Rule& rule : set.rules) file_of(rule.info).rules.push_back(&rule);
    for (const match::Correlation& rule : set.correlations)
        file_of(rule.info).stateful.push_back(&rule.info);
    for (const match::FirstSeen& rule : set.first_seen)
        file_of(rule.info).stateful.push_back(&rule.info);
    return files;
}

// The rules of one file with the samples beside it.
class FileCheck {
  public:
    FileCheck(const RuleSet& set,
              const RuleFile& file,
              const SampleOptions& options,
              SampleReport& report)
        : set_(set), file_(file), options_(options), report_(report) {
        for (const LogType* type : logtype::all()) {
            const bool about =
                std::any_of(file.rules.begin(), file.rules.end(), [&](const match::Rule* rule) {
                    return rule->source.covers(type->logsource);
                });
            if (about) types_.push_back(type);
        }
    }

    void run(const std::vector<Sample>& samples) {
        const bool records = std::any_of(
            samples.begin(), samples.end(), [](const Sample& sample) { return !sample.is_log; });
        if (records && types_.empty()) {
            return note(file_.rules.empty() ? say(message::samples_need_logs)
                                            : say(message::samples_no_log_type));
        }
        ++report_.files;
        size_t numbers[2] = {0, 0};
        for (const Sample& sample : samples) {
            ++report_.samples;
            const size_t number = ++numbers[sample.must_match];
            if (sample.is_log) {
                run_log(sample, number);
            } else {
                run_record(sample, number);
            }
        }
    }

    void note(std::string sentence) {
        report_.failures.push_back({file_.info().file, file_.info().title, std::move(sentence)});
    }

  private:
    static std::string_view list_name(const Sample& sample) {
        return sample.must_match ? "match" : "no_match";
    }

    void run_log(const Sample& sample, size_t number) {
        if (file_.stateful.empty())
            return note(say(message::samples_log_of_plain_rule, list_name(sample), number));
        if (!options_.run_log) {
            ++report_.logs_not_run;
            return;
        }
        const auto fired = options_.run_log(set_, sample.records);
        if (!fired) {
            return note(say(
                message::samples_unreadable, list_name(sample), number, fired.error().sentence()));
        }
        const bool any = std::any_of(
            file_.stateful.begin(), file_.stateful.end(), [&](const match::RuleInfo* rule) {
                return std::find(fired->begin(), fired->end(), rule->id) != fired->end();
            });
        judge(sample, number, any);
    }

    void run_record(const Sample& sample, size_t number) {
        const LogType* type = type_of(sample.records[0]);
        if (!type) return note(say(message::samples_unrecognised, list_name(sample), number));
        const auto answer = bench_of(*type).ask(sample.records[0]);
        if (!answer) {
            note(say(
                message::samples_unreadable, list_name(sample), number, answer.error().sentence()));
        } else if (answer->fast != answer->slow) {
            note(say(message::samples_evaluators_differ, list_name(sample), number));
        } else {
            judge(sample, number, answer->fast);
        }
    }

    void judge(const Sample& sample, size_t number, bool matched) {
        if (matched == sample.must_match) return;
        note(say(sample.must_match ? message::samples_missed : message::samples_matched,
                 list_name(sample),
                 number));
    }

    // A rule about one log type needs no guessing; one about several goes by what the record looks
    // like.
    const LogType* type_of(std::string_view record) const {
        if (types_.size() == 1) return types_[0];
        const LogType* best = nullptr;
        int best_score = 49;
        for (const LogType* type : types_) {
            const int score = type->recognise(record.substr(0, record.find('\n')), {});
            if (score > best_score) {
                best = type;
                best_score = score;
            }
        }
        return best;
    }

    Bench& bench_of(const LogType& type) {
        for (auto& [known, bench] : benches_) {
            if (known == &type) return *bench;
        }
        return *benches_.emplace_back(&type, std::make_unique<Bench>(type, file_.rules)).second;
    }

    const RuleSet& set_;
    const RuleFile& file_;
    const SampleOptions& options_;
    SampleReport& report_;
    std::vector<const LogType*> types_;
    std::vector<std::pair<const LogType*, std::unique_ptr<Bench>>> benches_;
};

}  // namespace

fs::path sample_file_of(const fs::path& rule_file) {
    return fs::path(rule_file).replace_extension(".test.json");
}

Result<std::vector<Sample>> read_samples(const fs::path& file) {
    std::ifstream stream(file, std::ios::binary);
    if (!stream)
        return fail(Code::not_found,
                    say(message::cannot_open, file.string(), say(message::rule_file_unreadable)));
    std::string bytes(event::kMaxRecordBytes + 1, '\0');
    stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<size_t>(stream.gcount()));
    if (bytes.size() > event::kMaxRecordBytes) {
        return fail(Code::limit,
                    say(message::samples_size, file.string(), human_bytes(event::kMaxRecordBytes)));
    }
    const PaddedText text(bytes);
    JsonDocument document;
    std::optional<Fault> fault = document.index(text.view());
    std::vector<Sample> samples;
    for (const bool must_match : {true, false}) {
        if (fault) break;
        const auto list =
            document.size() ? document.find(0, must_match ? "match" : "no_match") : std::nullopt;
        const size_t before = samples.size();
        uint32_t at = list.value_or(0);
        if (list) fault = read_list(document, at, must_match, samples);
        if (!fault && samples.size() == before) {
            return fail(Code::invalid,
                        say(message::samples_empty, must_match ? "match" : "no_match"));
        }
    }
    if (fault) return fail(Code::invalid, described(*fault));
    return samples;
}

SampleReport check_samples(const RuleSet& rules, const SampleOptions& options) {
    SampleReport report;
    for (const RuleFile& rule_file : files_of(rules)) {
        FileCheck check(rules, rule_file, options, report);
        const fs::path file = sample_file_of(rule_file.info().file);
        std::error_code ignored;
        if (!fs::exists(file, ignored)) {
            ++report.untested;
            if (options.required)
                check.note(say(message::samples_missing, file.filename().string()));
            continue;
        }
        if (const auto samples = read_samples(file)) {
            check.run(*samples);
        } else {
            check.note(file.filename().string() + ": " + samples.error().sentence());
        }
    }
    return report;
}

}  // namespace yagura::rule
