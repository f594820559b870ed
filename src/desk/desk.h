// The rule desk: which rules a running console uses, and what people change about them.
//
//   YAGURA_TRY(auto desk, RuleDesk::open({.folder = lake / "console", .rules = options}));
//   const std::shared_ptr<const Shelf> shelf = desk->shelf();      // stays valid and unchanged
//   ingest(*shelf->in_use);
//   YAGURA_TRY(const Saved saved, desk->save({.id = id, .text = text, .base = version}));
//   if (!saved.done) show(saved.notes);                            // nothing was written
//
// Rules in use are those shipped with the program, those of `-r` and those written here, without
// the disabled ones. What is written here lies in the folder as plain files that `-r` takes too:
//
//   rules/<id>.yml           rules; one with the id of a shipped rule replaces it
//   rules/.history/<id>/     what those files said before, the last kMaxVersions times
//   disabled.yml             see rule/disabled.h
//   levels.yml               see rule/levels.h
//
// Nothing with a mistake is ever put in use: a text is tried together with all other rules first.
// Files may also be edited by hand; reload() takes that up, and a file that has got a mistake keeps
// the rules it had. Thread-safe.
#pragma once

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/diagnostic.h"
#include "base/result.h"
#include "base/time.h"
#include "rule/disabled.h"
#include "rule/known.h"
#include "rule/levels.h"
#include "rule/live.h"

namespace yagura::desk {

enum class Kind : uint8_t { single, correlation, first_seen, falco, filter };
std::string_view kind_name(Kind kind);  // "first_seen"

// A rule on the shelf. Points into Shelf::all.
struct Entry {
    rule::KnownRule rule;
    Kind kind = Kind::single;
    bool is_custom = false;                            // its file was written here
    const rule::Original* original = nullptr;          // what it replaces
    const rule::Disabled* disabled = nullptr;          // who switched it off, and why
    const rule::TunedLevel* tuned = nullptr;           // who gave it another level, and why
    match::Level own_level = match::Level::medium;     // what the rule itself says
    std::vector<const match::Correlation*> needed_by;  // correlations that look at its matches
    std::string mistake;  // what is wrong with its file now; the rule is what it was before

    const match::RuleInfo& info() const { return *rule.info; }
    // Nothing is told of its own matches: it is there for the rules of needed_by.
    bool is_building_block() const;
};

// The rules of one moment.
struct Shelf {
    std::shared_ptr<const rule::RuleSet> all;     // disabled ones too
    std::shared_ptr<const rule::RuleSet> in_use;  // without them
    std::vector<Entry> entries;                   // in the order they were loaded
    std::vector<rule::Disabled> disabled;
    std::vector<rule::TunedLevel> levels;
    std::vector<Diagnostic> mistakes;  // of rules, lists, disabled.yml and levels.yml
    uint64_t revision = 0;             // higher after each change

    const Entry* find(std::string_view id) const;
    std::map<std::string, size_t, std::less<>> by_id;
};

struct Options {
    std::filesystem::path folder;  // made when something is first written
    rule::LoadOptions rules;       // bundled, added, lists, threads; the desk adds what it keeps
    std::function<Timestamp()> now = current_time;
};

// A file as it is now.
struct Source {
    std::string text;
    std::string version;  // changes when the text does
    std::string file;
    bool is_custom = false;
};

struct Version {
    std::string name;  // of its file, which is its time
    Timestamp time{};
    uint64_t bytes = 0;
};

struct SaveRequest {
    std::string id;                   // of the rule that is edited; empty: the text is a new rule
    std::string text;                 // all of the file it stands in
    std::optional<std::string> base;  // the version that was edited; Code::conflict when another
};

struct Saved {
    bool done = false;
    std::string id;                 // of the rule, or of the first in the text
    std::vector<Diagnostic> notes;  // why not; warnings when it was
};

constexpr size_t kMaxVersions = 20;

class RuleDesk {
  public:
    static Result<std::unique_ptr<RuleDesk>> open(Options options);

    std::shared_ptr<const Shelf> shelf() const;

    // For whoever loads rules by itself, as of now.
    rule::LoadOptions load_options() const;
    // The files and folders that exist and should be watched.
    std::vector<std::string> paths() const;
    // Takes up what happened to the files. An error leaves everything as it was.
    Result<std::shared_ptr<const Shelf>> reload();

    // Called after every change that was made here (not after reload()), on the thread that made it
    // and with nothing held. Set before other threads use the desk.
    void on_change(std::function<void(const std::shared_ptr<const Shelf>&)> changed);

    // Everything lint has to say, as if `text` were saved; `id` as in SaveRequest. `file` becomes
    // the name its own notes have.
    std::vector<Diagnostic> lint(const std::string& text,
                                 std::string_view id = {},
                                 std::string* file = nullptr) const;
    // The rules of `text` among all others, for trying them; `file` becomes the name they go by.
    // Mistakes are in quarantined.
    rule::RuleSet try_out(const std::string& text, std::string_view id, std::string& file) const;

    Result<Saved> save(const SaveRequest& request);
    // Takes a rule written here away, or the changes to one that was not. Saved::notes says what
    // needs it, and then nothing was done.
    Result<Saved> remove(std::string_view id);
    // What the file said before; `version` empty: the last one.
    Result<Saved> restore(std::string_view id, std::string_view version);

    Result<void> disable(std::string_view id, std::string_view who, std::string_view reason);
    Result<void> enable(std::string_view id);
    // The level its findings have from now on; nullopt: what the rule itself says.
    Result<void> tune_level(std::string_view id,
                            std::optional<match::Level> level,
                            std::string_view who,
                            std::string_view reason);

    const std::filesystem::path& folder() const { return options_.folder; }
    // What is wrong with the files now, in the language of this thread; reads them all.
    std::vector<Diagnostic> problems() const;

    Result<Source> source(std::string_view id) const;
    Result<Source> original(std::string_view id) const;  // of a rule that replaces another
    Result<std::vector<Version>> versions(std::string_view id) const;  // latest first
    Result<std::string> version_text(std::string_view id, std::string_view version) const;

  private:
    explicit RuleDesk(Options options) : options_(std::move(options)) {}

    struct Trial;
    Trial try_text(const std::filesystem::path& file, const std::string* text, bool lint) const;
    std::filesystem::path rules_folder() const { return options_.folder / "rules"; }
    bool is_ours(std::string_view file) const;
    std::filesystem::path file_for(std::string_view id) const;
    std::filesystem::path history_of(const std::filesystem::path& file) const;
    std::vector<Diagnostic> notes_of(const Trial& trial, const std::filesystem::path& file) const;
    Result<void> check_base(std::string_view id, const SaveRequest& request) const;
    Result<Saved> save_alone(const SaveRequest& request);
    Result<Saved> remove_alone(std::string_view id);
    Result<void> disable_alone(std::string_view id, std::string_view who, std::string_view reason);
    Result<void> enable_alone(std::string_view id);
    Result<void> tune_level_alone(std::string_view id,
                                  std::optional<match::Level> level,
                                  std::string_view who,
                                  std::string_view reason);
    void tell_change() const;
    Result<void> told(Result<void> change) const;
    Result<void> write(const std::filesystem::path& file, std::string_view text);
    Result<void> keep_version(const std::filesystem::path& file);
    Result<void> write_disabled(std::vector<rule::Disabled> disabled);
    void read_disabled_file();
    void read_levels_file();
    void fill(Shelf& shelf, const rule::DisabledIds& off) const;
    void publish();

    const Options options_;
    std::function<void(const std::shared_ptr<const Shelf>&)> changed_;
    mutable std::mutex change_;  // held by whoever changes; guards what follows
    std::optional<rule::LiveRules> live_;
    std::vector<Diagnostic> mistakes_;
    std::vector<rule::Disabled> disabled_;
    std::optional<Diagnostic> disabled_mistake_;
    std::vector<rule::TunedLevel> levels_;
    std::optional<Diagnostic> levels_mistake_;
    uint64_t revision_ = 0;
    mutable std::mutex shelf_lock_;
    std::shared_ptr<const Shelf> shelf_;
};

}  // namespace yagura::desk
