package io.culvert.chaos;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A side in this process. Its threads are daemons. */
final class LocalSide implements Side {
  private static final Logger LOG = LoggerFactory.getLogger(LocalSide.class);

  private final Role role;
  private final Ends ends;
  private final Amounts amounts;
  private final long seed;

  // Guarded by this.
  private Load load;
  private CompletableFuture<Void> done = new CompletableFuture<>();

  private LocalSide(Role role, Ends ends, Amounts amounts, long seed) {
    this.role = role;
    this.ends = ends;
    this.amounts = amounts;
    this.seed = seed;
  }

  /**
   * A side that is ready.
   *
   * @param port of loopback, for those that dial
   */
  static LocalSide start(Role role, Amounts amounts, long seed, int port, Listener listener)
      throws IOException {
    Ends ends =
        switch (role) {
          case SERVER -> LibraryEnds.server(amounts);
          case CLIENT -> LibraryEnds.client(amounts, port, listener);
          case RELAY -> new RelayEnds();
          case AGENT -> new AgentEnds(amounts, port, listener);
        };
    return new LocalSide(role, ends, amounts, seed);
  }

  int port() {
    return ends.port();
  }

  @Override
  public synchronized void go() throws IOException {
    Caller caller = ends.caller();
    if (caller == null) {
      done.complete(null);
      return;
    }
    load = new Load(role.toString(), caller, amounts, seed);
    done = load.start();
  }

  @Override
  public synchronized Report report() throws IOException {
    return new Report(
        done.isDone(),
        load == null ? List.of() : load.tallies(),
        load == null ? List.of() : load.failures(),
        ends.links());
  }

  @Override
  public Sample sample() throws IOException {
    return Sample.take(ends.streams());
  }

  @Override
  public void migrate() {
    Thread thread =
        new Thread(
            () -> {
              try {
                ends.migrate();
              } catch (IOException e) {
                LOG.info("The connection was not moved: {}", e.getMessage());
              }
            },
            "chaos-migrate");
    thread.setDaemon(true);
    thread.start();
  }

  @Override
  public String threads() {
    return Thread.getAllStackTraces().entrySet().stream()
        .map(LocalSide::describe)
        .sorted()
        .collect(Collectors.joining("\n"));
  }

  private static String describe(Map.Entry<Thread, StackTraceElement[]> thread) {
    String frames =
        Arrays.stream(thread.getValue())
            .limit(12)
            .map(frame -> "\n    " + frame)
            .collect(Collectors.joining());
    return thread.getKey().getName() + " " + thread.getKey().getState() + frames;
  }

  @Override
  public void close() {
    ends.close();
  }
}
