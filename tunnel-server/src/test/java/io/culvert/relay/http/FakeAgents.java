package io.culvert.relay.http;

import io.culvert.connection.StreamConnection;
import io.culvert.connection.TunnelException;
import io.culvert.connection.TunnelStream;
import io.culvert.relay.route.AgentLink;
import io.culvert.relay.route.Agents;
import io.culvert.rendezvous.Rendezvous;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** The agents of one name, in the order in which they came; nobody else's name is known. */
final class FakeAgents implements Agents, AutoCloseable {
  static final String NAME = "pets";

  final List<Link> links = new CopyOnWriteArrayList<>();
  private final List<Runnable> waiting = new CopyOnWriteArrayList<>();
  private final ExecutorService elsewhere = Executors.newSingleThreadExecutor();

  /** Requests that wait for an agent. */
  int waiting() {
    return waiting.size();
  }

  Link add(StreamConnection connection, boolean h2c) {
    Link link = new Link(connection, h2c, "agent-" + links.size());
    links.add(link);
    changed();
    return link;
  }

  void changed() {
    waiting.forEach(elsewhere::execute);
  }

  @Override
  public Choice choose(String name, Set<AgentLink> but) {
    if (!name.equals(NAME)) {
      return new Unknown();
    }
    boolean away = links.isEmpty();
    for (Link link : links) {
      if (link.attached && !but.contains(link)) {
        return new Found(link);
      }
      away |= !link.attached;
    }
    return away ? new Away() : new Exhausted();
  }

  @Override
  public Runnable whenChanged(String name, Runnable action) {
    waiting.add(action);
    return () -> waiting.remove(action);
  }

  @Override
  public void close() {
    elsewhere.shutdownNow();
  }

  /** One agent. */
  static final class Link implements AgentLink {
    final AtomicInteger began = new AtomicInteger();
    final AtomicInteger finished = new AtomicInteger();
    final AtomicInteger opened = new AtomicInteger();
    volatile boolean attached = true;

    /** What opening a stream fails with; null: it succeeds. */
    volatile TunnelException refusal;

    volatile String host;
    private final StreamConnection connection;
    private final boolean h2c;
    private final String id;

    Link(StreamConnection connection, boolean h2c, String id) {
      this.connection = connection;
      this.h2c = h2c;
      this.id = id;
    }

    @Override
    public String name() {
      return NAME;
    }

    @Override
    public String identity() {
      return "tester";
    }

    @Override
    public String agentId() {
      return id;
    }

    @Override
    public StreamConnection connection() {
      return connection;
    }

    @Override
    public boolean h2c() {
      return h2c;
    }

    @Override
    public Optional<String> hostHeader() {
      return Optional.ofNullable(host);
    }

    @Override
    public boolean attached() {
      return attached;
    }

    @Override
    public boolean ended() {
      return false;
    }

    @Override
    public TunnelStream open(String purpose, Duration timeout) throws IOException {
      if (refusal != null) {
        throw refusal;
      }
      opened.incrementAndGet();
      return connection.open(Map.of(Rendezvous.NAME, NAME, Rendezvous.PURPOSE, purpose), timeout);
    }

    @Override
    public void began() {
      began.incrementAndGet();
    }

    @Override
    public void finished() {
      finished.incrementAndGet();
    }

    @Override
    public int outstanding() {
      return began.get() - finished.get();
    }
  }
}
