-- Several packs over time: which pack a region has adopted (采用), and since when.
--
-- The adopted pack is today's whole knowledge of the rules of all months: commands use
-- it where nothing else is said. A region's first run adopts the pack it uses.

-- A pack that would change settled months waits for a second person.
CREATE TABLE pack_proposal (
    region  integer NOT NULL REFERENCES region,
    n       integer NOT NULL,                   -- 1 … within the region: what people confirm by
    rev     bigint  NOT NULL,                   -- when it was proposed
    hash    text    NOT NULL,                   -- of the proposed pack
    base    text    NOT NULL,                   -- hash of the pack that was adopted then
    effect  text    NOT NULL,                   -- hex SHA-256 over every difference to settled months
    heads   integer NOT NULL,                   -- people with a difference
    more    bigint  NOT NULL,                   -- 分, what would be paid on top
    less    bigint  NOT NULL,                   -- 分, what would be asked back, negative
    actor   text COLLATE "C" NOT NULL,
    reason  text    NOT NULL,
    PRIMARY KEY (region, n),
    FOREIGN KEY (region, hash) REFERENCES pack,
    CONSTRAINT pack_proposal_n CHECK (n > 0),
    CONSTRAINT pack_proposal_effect CHECK (heads > 0 AND more >= 0 AND less <= 0),
    CONSTRAINT pack_proposal_reason CHECK (reason <> '')
);

CREATE TABLE pack_adoption (
    region      integer NOT NULL REFERENCES region,
    rev         bigint  NOT NULL,               -- since when it is the region's pack
    hash        text    NOT NULL,
    actor       text COLLATE "C" NOT NULL,      -- who adopted or proposed it
    approver    text COLLATE "C" NOT NULL,      -- the second person; empty: none was needed
    retroactive boolean NOT NULL,               -- it changes months that were settled
    reason      text    NOT NULL,
    proposal    integer,                        -- pack_proposal (n); null: none was needed
    PRIMARY KEY (region, rev),
    FOREIGN KEY (region, hash) REFERENCES pack,
    FOREIGN KEY (region, proposal) REFERENCES pack_proposal (region, n),
    CONSTRAINT pack_adoption_once UNIQUE (region, proposal),
    CONSTRAINT pack_adoption_reason CHECK (reason <> ''),
    -- What changes settled months takes two people, whatever the program.
    CONSTRAINT pack_adoption_four_eyes CHECK (retroactive = (proposal IS NOT NULL) AND retroactive = (approver <> '') AND approver <> actor)
);

-- Regions that have run months before packs were adopted: the pack of the last batch.
INSERT INTO pack_adoption (region, rev, hash, actor, approver, retroactive, reason, proposal)
SELECT DISTINCT ON (b.region) b.region, p.rev, b.pack, coalesce(j.actor, 'os:升级'), '', false, '升级前最后一次运行所用的规则包', NULL
FROM batch b JOIN pack p ON p.region = b.region AND p.hash = b.pack
LEFT JOIN journal j ON j.region = p.region AND j.rev = p.rev
ORDER BY b.region, b.batch DESC;

GRANT SELECT, INSERT ON pack_proposal, pack_adoption TO disburse_app;
