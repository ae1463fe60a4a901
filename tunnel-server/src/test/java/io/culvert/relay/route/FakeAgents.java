package io.culvert.relay.route;

import io.culvert.connection.StreamConnection;
import io.culvert.frame.ErrorCode;
import io.culvert.relay.access.Grant;
import io.culvert.relay.access.Scope;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;

/** Agents without a network. */
final class FakeAgents {
  private FakeAgents() {}

  /** A grant that can be revoked. */
  static final class FakeGrant implements Grant {
    private final String identity;
    volatile boolean revoked;

    FakeGrant(String identity) {
      this.identity = identity;
    }

    @Override
    public String identity() {
      return identity;
    }

    @Override
    public boolean allows(Scope wanted) {
      return !revoked;
    }

    @Override
    public boolean ended() {
      return revoked;
    }
  }

  /** A connection that can be cut, and remembers why it was closed. */
  static final class FakeConnection implements AgentConnection {
    final AtomicInteger closes = new AtomicInteger();
    volatile boolean attached = true;
    volatile ErrorCode closed;

    @Override
    public StreamConnection streams() {
      throw new UnsupportedOperationException("no streams here");
    }

    @Override
    public boolean attached() {
      return attached;
    }

    @Override
    public void close(ErrorCode code, String reason) {
      closes.incrementAndGet();
      attached = false;
      closed = code;
    }
  }

  static AgentClaim claim(String name, String agentId, String identity) {
    return claim(name, agentId, new FakeGrant(identity));
  }

  static AgentClaim claim(String name, String agentId, Grant grant) {
    return new AgentClaim(name, agentId, grant, false, Optional.empty());
  }
}
