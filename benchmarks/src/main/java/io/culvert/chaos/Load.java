package io.culvert.chaos;

import io.culvert.chaos.Tally.Work;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.regex.Pattern;

/** Everything that one side asks of the other, at once. Thread-safe. */
final class Load {
  private static final int POSTING_THREADS = 8;

  private static final int MAX_FAILURE = 400;
  private static final Pattern NOT_PRINTABLE = Pattern.compile("[^ -~]");

  private final String name;
  private final Amounts amounts;
  private final Calls calls;
  private final Map<Work, Tally> tallies = new EnumMap<>(Work.class);
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();
  private final List<CompletableFuture<Void>> running = new ArrayList<>();

  private interface Task {
    void run() throws IOException, InterruptedException;
  }

  Load(String name, Caller caller, Amounts amounts, long seed) {
    this.name = name;
    this.amounts = amounts;
    this.calls = new Calls(caller, amounts, seed, e -> failed("post", e));
    for (Work work : Work.values()) {
      tallies.put(work, new Tally(work));
    }
  }

  /** Begins; the result is complete when everything is answered or has failed. */
  CompletableFuture<Void> start() {
    List<CompletableFuture<Void>> posting = new ArrayList<>();
    Pace pace = new Pace(amounts.posts(), amounts.time());
    for (int i = 0; i < POSTING_THREADS; i++) {
      posting.add(run("post-" + i, () -> calls.posts(tallies.get(Work.POSTS), pace)));
    }
    running.add(all(posting).thenCompose(done -> run("judge", this::judge)));
    running.add(run("upload", () -> calls.upload(tallies.get(Work.UPLOADED_MIB))));
    running.add(run("download", () -> calls.download(tallies.get(Work.DOWNLOADED_MIB))));
    running.add(run("events", () -> calls.events(tallies.get(Work.EVENTS))));
    running.add(run("messages", this::messages));
    return all(running).thenRun(() -> calls.http().dispatcher().executorService().shutdown());
  }

  private void judge() throws IOException {
    calls.judge(tallies.get(Work.POSTS));
  }

  private void messages() throws IOException, InterruptedException {
    Messages.exchange(calls, tallies.get(Work.MESSAGES), amounts.messages(), amounts.time());
  }

  private static CompletableFuture<Void> all(List<CompletableFuture<Void>> futures) {
    return CompletableFuture.allOf(futures.toArray(new CompletableFuture<?>[0]));
  }

  private CompletableFuture<Void> run(String what, Task task) {
    CompletableFuture<Void> done = new CompletableFuture<>();
    Runnable guarded =
        () -> {
          try {
            task.run();
          } catch (IOException | InterruptedException | RuntimeException | Error e) {
            failed(what, e);
          } finally {
            done.complete(null);
          }
        };
    Thread thread = new Thread(guarded, "chaos-" + name + "-" + what);
    thread.setDaemon(true);
    thread.start();
    return done;
  }

  private void failed(String what, Throwable e) {
    failures.add(name + " " + what + ": " + withCauses(e));
  }

  private static String withCauses(Throwable failure) {
    StringBuilder text = new StringBuilder(failure.toString());
    for (Throwable e = failure.getCause(); e != null; e = e.getCause()) {
      text.append("; because ").append(e);
    }
    // Some quote what they got, which may be a lot and anything.
    String printable = NOT_PRINTABLE.matcher(text).replaceAll("?");
    return printable.substring(0, Math.min(printable.length(), MAX_FAILURE));
  }

  List<Tally> tallies() {
    return List.copyOf(tallies.values());
  }

  /** Calls that have failed, and of what. */
  List<String> failures() {
    return List.copyOf(failures);
  }
}
