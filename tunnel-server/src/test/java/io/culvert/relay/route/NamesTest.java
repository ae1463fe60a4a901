package io.culvert.relay.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.culvert.connection.TunnelException;
import io.culvert.frame.ErrorCode;
import io.culvert.relay.route.Agents.Away;
import io.culvert.relay.route.Agents.Choice;
import io.culvert.relay.route.Agents.Exhausted;
import io.culvert.relay.route.Agents.Found;
import io.culvert.relay.route.Agents.Unknown;
import io.culvert.relay.route.FakeAgents.FakeConnection;
import io.culvert.relay.route.FakeAgents.FakeGrant;
import io.culvert.relay.route.Names.Verdict;
import io.culvert.rendezvous.Rendezvous;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Who serves a name, who takes it over, and who is next. */
class NamesTest {
  private long now;
  private final Names names = new Names(4, Runnable::run, () -> now);
  private final Map<Agent, FakeConnection> connections = new HashMap<>();

  private Agent agent(String name, String id, String identity) {
    return agent(FakeAgents.claim(name, id, identity));
  }

  private Agent agent(AgentClaim claim) {
    FakeConnection connection = new FakeConnection();
    Agent agent = new Agent(claim, connection);
    connections.put(agent, connection);
    return agent;
  }

  private Agent joined(String name, String id, String identity) {
    Agent agent = agent(name, id, identity);
    assertEquals(Verdict.WELCOME, names.join(agent));
    return agent;
  }

  private FakeConnection connection(Agent agent) {
    return connections.get(agent);
  }

  private Choice choose(String name, AgentLink... but) {
    return names.choose(name, Set.of(but));
  }

  private void chosen(AgentLink expected, String name, AgentLink... but) {
    assertSame(expected, assertInstanceOf(Found.class, choose(name, but)).agent());
  }

  @Test
  void anAgentServesItsNameAndNoOther() {
    Agent pets = joined("pets", "1", "ann");
    chosen(pets, "pets");
    assertInstanceOf(Unknown.class, choose("cars"));
  }

  @Test
  void aClaimKeepsNothing() {
    assertEquals(Verdict.WELCOME, names.claim(FakeAgents.claim("pets", "1", "ann")));
    assertEquals(Verdict.WELCOME, names.claim(FakeAgents.claim("pets", "1", "bob")));
    assertInstanceOf(Unknown.class, choose("pets"));
  }

  @Test
  void aNameBelongsToOneIdentityAsLongAsOneOfItsAgentsIsThere() {
    Agent first = joined("pets", "1", "ann");
    Agent second = joined("pets", "2", "ann");
    names.leave(first);
    connection(second).attached = false;
    assertEquals(Verdict.TAKEN, names.claim(FakeAgents.claim("pets", "1", "bob")));
    assertEquals(Verdict.TAKEN, names.join(agent("pets", "2", "bob")));
    assertFalse(second.ended());
    assertNull(connection(second).closed);

    names.leave(second);
    Agent bobs = joined("pets", "2", "bob");
    chosen(bobs, "pets");
  }

  @Test
  void ofTwoThatClaimAFreeNameTheFirstToJoinHasIt() {
    Agent ann = agent("pets", "1", "ann");
    Agent bob = agent("pets", "1", "bob");
    assertEquals(Verdict.WELCOME, names.claim(ann.claim()));
    assertEquals(Verdict.WELCOME, names.claim(bob.claim()));
    assertEquals(Verdict.WELCOME, names.join(bob));
    assertEquals(Verdict.TAKEN, names.join(ann));
    chosen(bob, "pets");
    names.leave(ann); // its end frees nothing
    chosen(bob, "pets");
  }

  @Test
  void aLaterAgentWithTheSameIdTakesTheNameOverAtOnce() {
    Agent older = joined("pets", "1", "ann");
    connection(older).attached = false; // a corpse
    Agent newer = joined("pets", "1", "ann");
    assertEquals(ErrorCode.REPLACED, connection(older).closed);
    assertTrue(older.ended());
    chosen(newer, "pets");

    names.leave(older); // hears of its end only now
    chosen(newer, "pets");
    assertNull(connection(newer).closed);
  }

  @Test
  void theSameIdUnderAnotherNameIsAnotherAgent() {
    Agent pets = joined("pets", "1", "ann");
    joined("cars", "1", "ann");
    assertNull(connection(pets).closed);
  }

  @Test
  void theLimitIsForNewAgentsOnly() {
    for (String id : List.of("1", "2", "3", "4")) {
      joined("pets", id, "ann");
    }
    assertEquals(Verdict.FULL, names.claim(FakeAgents.claim("pets", "5", "ann")));
    assertEquals(Verdict.FULL, names.join(agent("cars", "1", "bob")));
    Agent again = joined("pets", "4", "ann");
    assertEquals(Verdict.FULL, names.claim(FakeAgents.claim("cars", "1", "bob")));
    names.leave(again);
    joined("cars", "1", "bob");
  }

  @Test
  void theLeastBusyAgentIsNext() {
    Agent first = joined("pets", "1", "ann");
    Agent second = joined("pets", "2", "ann");
    first.began();
    chosen(second, "pets");
    second.began();
    second.began();
    chosen(first, "pets");
    second.finished();
    second.finished();
    chosen(second, "pets");
  }

  @Test
  void agentsThatAreEquallyBusyTakeTurns() {
    Set<AgentLink> seen = new HashSet<>();
    Set<AgentLink> all = Set.of(joined("pets", "1", "ann"), joined("pets", "2", "ann"));
    for (int i = 0; i < 2; i++) {
      seen.add(assertInstanceOf(Found.class, choose("pets")).agent());
    }
    assertEquals(all, seen);
  }

  @Test
  void oneWithoutAWebSocketOrWithoutItsRightIsSkipped() {
    FakeGrant grant = new FakeGrant("ann");
    Agent detached = joined("pets", "1", "ann");
    Agent revoked = agent(FakeAgents.claim("pets", "2", grant));
    assertEquals(Verdict.WELCOME, names.join(revoked));
    Agent good = joined("pets", "3", "ann");
    connection(detached).attached = false;
    grant.revoked = true;
    for (int i = 0; i < 6; i++) {
      chosen(good, "pets");
    }
  }

  @Test
  void oneWhoseUpstreamIsDownIsTheLastResort() {
    Agent sick = joined("pets", "1", "ann");
    Agent well = joined("pets", "2", "ann");
    names.health(sick, new Health(false, "refused"));
    well.began();
    chosen(well, "pets");
    chosen(well, "pets");
    chosen(sick, "pets", well);
    names.leave(well);
    chosen(sick, "pets");
  }

  @Test
  void awayIsWhoCanComeBack() {
    Agent first = joined("pets", "1", "ann");
    Agent second = joined("pets", "2", "ann");
    assertInstanceOf(Exhausted.class, choose("pets", first, second));
    connection(second).attached = false;
    assertInstanceOf(Exhausted.class, choose("pets", first));
    connection(first).attached = false;
    assertInstanceOf(Away.class, choose("pets", first));
    names.leave(first);
    names.leave(second);
    assertInstanceOf(Away.class, choose("pets"));
    now += Names.MEMORY.toNanos() - 1;
    assertInstanceOf(Away.class, choose("pets"));
    now += 1;
    assertInstanceOf(Unknown.class, choose("pets"));
  }

  @Test
  void theMemoryIsBounded() {
    for (int i = 0; i <= Names.MAX_REMEMBERED; i++) {
      names.leave(joined("n" + i, "1", "ann"));
    }
    assertInstanceOf(Unknown.class, choose("n0"));
    assertInstanceOf(Away.class, choose("n1"));
    assertInstanceOf(Away.class, choose("n" + Names.MAX_REMEMBERED));
  }

  @Test
  void whoseRightHasEndedIsClosedAndNotWaitedFor() {
    FakeGrant grant = new FakeGrant("ann");
    Agent revoked = agent(FakeAgents.claim("pets", "1", grant));
    names.join(revoked);
    Agent other = joined("cars", "1", "bob");
    names.endForbidden();
    assertNull(connection(revoked).closed);

    grant.revoked = true;
    TunnelException refused =
        assertThrows(TunnelException.class, () -> revoked.open(Rendezvous.FOR_HTTP, Duration.ZERO));
    assertEquals(ErrorCode.FORBIDDEN, refused.code());
    names.endForbidden();
    assertEquals(ErrorCode.FORBIDDEN, connection(revoked).closed);
    assertNull(connection(other).closed);
    assertInstanceOf(Unknown.class, choose("pets"));
    assertEquals(List.of(other), names.all());
    joined("pets", "1", "bob");
  }

  @Test
  void whoWaitsIsToldOnceWhenAnAgentComes() {
    AtomicInteger told = new AtomicInteger();
    names.whenChanged("pets", told::incrementAndGet);
    joined("cars", "1", "ann");
    assertEquals(0, told.get());
    Agent pets = joined("pets", "1", "ann");
    assertEquals(1, told.get());
    names.changed("pets");
    assertEquals(1, told.get());

    names.health(pets, new Health(false, "refused"));
    names.whenChanged("pets", told::incrementAndGet);
    names.health(pets, new Health(true, ""));
    assertEquals(2, told.get());
  }

  @Test
  void whoCancelsIsNotToldAndNotKept() {
    AtomicInteger told = new AtomicInteger();
    Runnable cancel = names.whenChanged("pets", told::incrementAndGet);
    names.whenChanged("pets", () -> {});
    cancel.run();
    cancel.run();
    assertEquals(1, names.waiters());
    joined("pets", "1", "ann");
    assertEquals(0, told.get());
    assertEquals(0, names.waiters());
  }
}
