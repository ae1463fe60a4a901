package io.culvert.fuzz;

import io.culvert.engine.Engine;
import io.culvert.engine.EngineEnd;
import io.culvert.link.LinkState;

/** All of an engine that can be seen from outside. */
record Seen(
    LinkState state,
    int socket,
    EngineEnd end,
    int inTransit,
    long replay,
    long deadline,
    boolean work,
    int events) {

  static Seen of(Engine engine, EventRules events, long now) {
    return new Seen(
        engine.state(),
        engine.socket(),
        engine.end(),
        engine.inTransit(),
        engine.replayBytes(),
        engine.deadline(),
        engine.hasWork(now),
        events.count);
  }
}
