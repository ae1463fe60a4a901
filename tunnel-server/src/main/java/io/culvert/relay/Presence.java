package io.culvert.relay;

import io.culvert.SocketConnection;
import io.culvert.connection.TunnelStream;
import io.culvert.frame.ErrorCode;
import io.culvert.relay.route.Agent;
import io.culvert.relay.route.AgentClaim;
import io.culvert.relay.route.AgentConnection;
import io.culvert.relay.route.Names;
import io.culvert.relay.route.Names.Verdict;
import io.culvert.server.ConnectionWatcher;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * The agents and callers that are there, by connection: lets them in at the handshake, checks their
 * rights at each stream that they open, and ends those who have lost them. Thread-safe.
 */
final class Presence implements ConnectionWatcher, Consumer<SocketConnection> {
  private final Names names;
  private final BiConsumer<Agent, TunnelStream> agentStreams;
  private final BiConsumer<Caller, TunnelStream> callerStreams;

  private final Map<String, Agent> agents = new ConcurrentHashMap<>();
  private final Map<String, Caller> callers = new ConcurrentHashMap<>();

  /**
   * @param agentStreams gets the streams that agents open; must not block
   * @param callerStreams gets the streams that callers open; must not block
   */
  Presence(
      Names names,
      BiConsumer<Agent, TunnelStream> agentStreams,
      BiConsumer<Caller, TunnelStream> callerStreams) {
    this.names = names;
    this.agentStreams = agentStreams;
    this.callerStreams = callerStreams;
  }

  Optional<Agent> agent(String connectionId) {
    return Optional.ofNullable(agents.get(connectionId));
  }

  Optional<Caller> caller(String connectionId) {
    return Optional.ofNullable(callers.get(connectionId));
  }

  /** A handshake is done. */
  @Override
  public void accept(SocketConnection connection) {
    if (connection.attachment() instanceof AgentClaim claim) {
      join(connection, claim);
    } else if (connection.attachment() instanceof CallerClaim claim) {
      Caller caller = new Caller(claim, connection);
      callers.put(connection.id(), caller);
      connection.streams().streamHandler(stream -> opened(caller, stream));
      endForbidden(caller); // it may have lost its right since the upgrade
    }
  }

  private void join(SocketConnection connection, AgentClaim claim) {
    Agent agent = new Agent(claim, AgentConnection.of(connection));
    Verdict verdict = names.join(agent);
    if (verdict == Verdict.TAKEN) {
      connection.close(ErrorCode.FORBIDDEN, Entrance.taken(claim.name()));
    } else if (verdict == Verdict.FULL) {
      connection.close(ErrorCode.LIMIT_EXCEEDED, Entrance.FULL);
    } else {
      agents.put(connection.id(), agent);
      connection.streams().streamHandler(stream -> opened(agent, stream));
      names.endForbidden(agent); // it may have lost its right since the upgrade
    }
  }

  private void opened(Agent agent, TunnelStream stream) {
    if (agent.mayServe()) {
      agentStreams.accept(agent, stream);
    } else {
      stream.reset(ErrorCode.FORBIDDEN);
    }
  }

  private void opened(Caller caller, TunnelStream stream) {
    if (caller.claim().mayConnect()) {
      callerStreams.accept(caller, stream);
    } else {
      stream.reset(ErrorCode.FORBIDDEN);
    }
  }

  /** Ends all who have lost the right to be here. */
  void endForbidden() {
    names.endForbidden();
    callers.values().forEach(Presence::endForbidden);
  }

  private static void endForbidden(Caller caller) {
    CallerClaim claim = caller.claim();
    if (!claim.mayConnect()) {
      caller
          .connection()
          .close(ErrorCode.FORBIDDEN, "the right to connect to " + claim.name() + " has ended");
    }
  }

  @Override
  public void resumed(SocketConnection connection) {
    agent(connection.id()).ifPresent(agent -> names.changed(agent.name()));
  }

  @Override
  public void ended(SocketConnection connection, ErrorCode code, String reason) {
    callers.remove(connection.id());
    Agent agent = agents.remove(connection.id());
    if (agent != null) {
      names.leave(agent);
    }
  }
}
