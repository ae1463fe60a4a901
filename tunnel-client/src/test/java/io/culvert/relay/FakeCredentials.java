package io.culvert.relay;

import io.culvert.relay.access.Credentials;
import io.culvert.relay.access.Grant;
import io.culvert.relay.access.Scope;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** Tokens in memory. */
final class FakeCredentials implements Credentials {
  private final Map<String, FakeGrant> grants = new ConcurrentHashMap<>();
  private final List<Runnable> listeners = new CopyOnWriteArrayList<>();

  private static final class FakeGrant implements Grant {
    private final String identity;
    private volatile List<Scope> scopes;
    private volatile boolean ended;

    FakeGrant(String identity, List<Scope> scopes) {
      this.identity = identity;
      this.scopes = scopes;
    }

    @Override
    public String identity() {
      return identity;
    }

    @Override
    public boolean allows(Scope wanted) {
      return !ended && scopes.stream().anyMatch(scope -> scope.covers(wanted));
    }

    @Override
    public boolean ended() {
      return ended;
    }
  }

  FakeCredentials token(String token, String identity, String... scopes) {
    grants.put(token, new FakeGrant(identity, List.of(scopes).stream().map(Scope::parse).toList()));
    return this;
  }

  /** Nobody is told. */
  void takeScopes(String token) {
    grants.get(token).scopes = List.of();
  }

  /** The token is unknown from here on, what was granted with it has ended, and all are told. */
  void revoke(String token) {
    grants.remove(token).ended = true;
    changed();
  }

  void changed() {
    listeners.forEach(Runnable::run);
  }

  @Override
  public Optional<Grant> grant(String bearerToken) {
    return Optional.ofNullable(grants.get(bearerToken));
  }

  @Override
  public void onChange(Runnable listener) {
    listeners.add(listener);
  }

  @Override
  public void close() {}
}
