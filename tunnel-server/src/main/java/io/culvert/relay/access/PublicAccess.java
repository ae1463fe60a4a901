package io.culvert.relay.access;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * Who may use each name by public HTTP: everybody, users with passwords, or holders of tokens, from
 * all addresses or some; from a YAML file, which is read again when it changes. docs/access.md has
 * the format.
 *
 * <p>A name that is in the file neither itself nor as {@code *} is for nobody. A file that has
 * become wrong changes nothing and is logged. What has changed counts for each request that comes
 * from then on; one that runs is left to end.
 *
 * <p>Thread-safe. Has one daemon thread, until {@link #close}, if it has a file.
 */
public final class PublicAccess implements AutoCloseable {
  /** When to ask again after {@link Busy}. */
  private static final Duration BUSY = Duration.ofSeconds(1);

  /** What becomes of a request. */
  public sealed interface Decision {}

  /**
   * It goes on.
   *
   * @param stripAuthorization whether its {@code Authorization} was for the relay, and is not the
   *     service's to see
   */
  public record Allowed(boolean stripAuthorization) implements Decision {}

  /**
   * It has to show a credential, or another one.
   *
   * @param authenticate the value of {@code WWW-Authenticate}
   */
  public record Challenge(String authenticate) implements Decision {}

  /** The name is for nobody, or not for this client's address. */
  public record Forbidden() implements Decision {}

  /** Its client has shown too many wrong credentials, and this one was not looked at. */
  public record TooManyFailures(Duration retryAfter) implements Decision {}

  /** More passwords are being checked than can be in a reasonable time. */
  public record Busy(Duration retryAfter) implements Decision {}

  /** What was read, and what was found right by it. */
  private record Loaded(Map<String, PublicPolicy> policies, KnownGood known) {}

  private final LongSupplier nanos;
  private final FailureLimit failures;
  private final CostlyChecks costly;
  private final WatchedFile file;
  private final Ticker ticker;
  private volatile Loaded loaded;

  private PublicAccess(Map<String, PublicPolicy> policies) {
    nanos = System::nanoTime;
    failures = new FailureLimit(nanos);
    costly = new CostlyChecks();
    file = null;
    ticker = null;
    load(policies);
  }

  private PublicAccess(Path path, Duration interval, LongSupplier nanos, CostlyChecks costly)
      throws IOException {
    this.nanos = nanos;
    this.costly = costly;
    failures = new FailureLimit(nanos);
    file = new WatchedFile(path, content -> load(PublicAccessFormat.parse(path, content)));
    ticker = new Ticker("culvert-access-" + path.getFileName(), interval, this::tick);
  }

  /** Everybody may use every name. */
  public static PublicAccess open() {
    return new PublicAccess(Map.of(PublicAccessFormat.ANY, new PublicPolicy(null, null)));
  }

  /**
   * Reads a file and starts to watch it.
   *
   * @throws IOException if there is no such file or it is wrong; says where, and quotes no secret
   */
  public static PublicAccess open(Path file) throws IOException {
    return open(file, WatchedFile.INTERVAL, System::nanoTime, new CostlyChecks());
  }

  static PublicAccess open(Path file, Duration interval, LongSupplier nanos, CostlyChecks costly)
      throws IOException {
    return new PublicAccess(file, interval, nanos, costly);
  }

  /**
   * What the file holds for a password. Takes some tenths of a second.
   *
   * @throws IllegalArgumentException if it is empty or has more than 1,024 characters
   */
  public static String hash(String password) {
    return PasswordHash.of(password, PasswordHash.ITERATIONS).text();
  }

  /**
   * Whether a request may go on to a name. May block for some seconds, checking a password.
   *
   * @param name one label of a host name
   * @param client whose request it is; empty if that is not known
   * @param authorization the value of the request's {@code Authorization}; null for none. Of
   *     several, which nobody should send, none may be given
   */
  public Decision check(String name, Optional<InetAddress> client, String authorization) {
    Loaded now = loaded;
    PublicPolicy policy =
        now.policies().getOrDefault(name, now.policies().get(PublicAccessFormat.ANY));
    if (policy == null || !policy.admits(client)) {
      return new Forbidden();
    }
    PublicPolicy.Lock lock = policy.lock();
    if (lock == null) {
      return new Allowed(false);
    }
    Optional<BooleanSupplier> attempt =
        authorization == null ? Optional.empty() : lock.attempt(authorization);
    if (attempt.isEmpty()) {
      return new Challenge(lock.challenge(name, false));
    }
    IpRange group = FailureLimit.group(client);
    // Before the look at what is known good: that would be guessed at without a limit, too.
    Optional<Duration> wait = failures.blockedFor(group);
    if (wait.isPresent()) {
      return new TooManyFailures(wait.get());
    }
    ByteBuffer digest = now.known().digest(name, group, authorization);
    if (now.known().has(digest)) {
      return new Allowed(true);
    }
    Challenge wrong = new Challenge(lock.challenge(name, true));
    if (!lock.costly()) {
      return decide(attempt.get(), group, wrong);
    }
    return costly
        .run(digest, () -> decideAndRemember(attempt.get(), group, wrong, now.known(), digest))
        .orElse(new Busy(BUSY));
  }

  private Decision decideAndRemember(
      BooleanSupplier attempt, IpRange group, Challenge wrong, KnownGood known, ByteBuffer digest) {
    Decision decision = decide(attempt, group, wrong);
    if (decision instanceof Allowed) {
      known.add(digest);
    }
    return decision;
  }

  private Decision decide(BooleanSupplier attempt, IpRange group, Challenge wrong) {
    // Again: others of this client may have failed while this one waited for its turn.
    Optional<Duration> wait = failures.blockedFor(group);
    if (wait.isPresent()) {
      return new TooManyFailures(wait.get());
    }
    if (attempt.getAsBoolean()) {
      return new Allowed(true);
    }
    failures.failed(group);
    return wrong;
  }

  /** Looks whether the file has changed. */
  void tick() {
    file.check();
  }

  private void load(Map<String, PublicPolicy> policies) {
    loaded = new Loaded(Map.copyOf(policies), new KnownGood(nanos));
  }

  /** Ends the watching of the file. Idempotent. */
  @Override
  public void close() {
    if (ticker != null) {
      ticker.close();
    }
  }

  @Override
  public String toString() {
    return "PublicAccess with " + loaded.policies().size() + " names";
  }
}
